import {
  APIGatewayClient,
  CreateApiKeyCommand,
  CreateUsagePlanKeyCommand,
  DeleteApiKeyCommand,
  paginateGetApiKeys,
  paginateGetRestApis,
  paginateGetUsagePlans,
  UpdateApiKeyCommand,
} from '@aws-sdk/client-api-gateway'

import { nameOf } from '../../../functions/shared/runtime/deployment-name.ts'
import { type KeyKind, type KeySource, newKey } from '../../../functions/shared/access/usage-keys.ts'
import { UsageError } from '../../terminal/errors.ts'
import { clientOptions } from '../client-options.ts'
import type { DeployedStage } from '../find-deployment.ts'

/** The name of the key that the deployment itself makes. */
export const FIRST = 'first'

export type ProgramKey = {
  readonly id: string
  /** The program's. */
  readonly name: string
  readonly kind: KeyKind
  readonly enabled: boolean
  readonly createdAt: Date
}

/** The API keys of a deployment. */
export type KeyStore = {
  /** By name, then from the oldest on. */
  readonly list: () => Promise<readonly ProgramKey[]>
  /** Makes a key that is valid for the REST and the WebSocket API, and returns it; nothing can show it again. */
  readonly create: (name: string, kind: KeyKind) => Promise<string>
  readonly remove: (id: string) => Promise<void>
  readonly disable: (id: string) => Promise<void>
}

/** The keys of a stage in API Gateway. */
export function openKeyStore({ prefix, stage, environment }: DeployedStage): KeyStore {
  const client = new APIGatewayClient(clientOptions('API_GATEWAY', environment))
  const deployment = nameOf({ prefix, stage })
  return {
    list: async () => {
      const keys: ProgramKey[] = []
      for await (const { items = [] } of paginateGetApiKeys({ client }, { nameQuery: deployment }))
        for (const { id = '', name = '', enabled = false, createdDate: createdAt = new Date(0) } of items) {
          const program = programOf(name, deployment)
          if (program !== undefined) keys.push({ id, ...program, enabled, createdAt })
        }
      return keys.toSorted(
        (a, b) => a.name.localeCompare(b.name) || a.createdAt.getTime() - b.createdAt.getTime(),
      )
    },
    create: async (name, kind) => {
      const plans = await plansOf(client, deployment)
      const { sent, stored } = newKey(await keySourceOf(client, deployment), kind)
      const { id: keyId } = await client.send(
        new CreateApiKeyCommand({
          name: `${deployment}/${kind === 'operator' ? OPERATORS : ''}${name}`,
          value: stored,
          enabled: true,
        }),
      )
      try {
        for (const usagePlanId of plans)
          await client.send(new CreateUsagePlanKeyCommand({ usagePlanId, keyId, keyType: 'API_KEY' }))
      } catch (error) {
        await client.send(new DeleteApiKeyCommand({ apiKey: keyId }))
        throw error
      }
      return sent
    },
    remove: async (apiKey) => {
      await client.send(new DeleteApiKeyCommand({ apiKey }))
    },
    disable: async (apiKey) => {
      const patchOperations = [{ op: 'replace' as const, path: '/enabled', value: 'false' }]
      await client.send(new UpdateApiKeyCommand({ apiKey, patchOperations }))
    },
  }
}

/** Between the deployment and the program in the name of an operator's key; no program's name has a slash. */
const OPERATORS = 'operator/'

function programOf(name: string, deployment: string): Pick<ProgramKey, 'name' | 'kind'> | undefined {
  if (name === deployment) return { name: FIRST, kind: 'reader' }
  if (!name.startsWith(`${deployment}/`)) return undefined
  const program = name.slice(deployment.length + 1)
  if (!program.startsWith(OPERATORS)) return { name: program, kind: 'reader' }
  return { name: program.slice(OPERATORS.length), kind: 'operator' }
}

/** The usage plans for programs: that of the REST API, and that of the WebSocket API if there is one. */
async function plansOf(
  client: APIGatewayClient,
  deployment: string,
): Promise<readonly (string | undefined)[]> {
  const names = new Set([deployment, `${deployment}-websocket`])
  const plans: (string | undefined)[] = []
  for await (const { items = [] } of paginateGetUsagePlans({ client }, {}))
    for (const { id, name } of items) if (names.has(name ?? '')) plans.push(id)
  if (plans.length > 0) return plans
  throw new UsageError(
    `there is no usage plan ${deployment} here: is the stage deployed in this account and region?`,
  )
}

async function keySourceOf(client: APIGatewayClient, deployment: string): Promise<KeySource> {
  for await (const { items = [] } of paginateGetRestApis({ client }, {}))
    for (const { name, apiKeySource } of items) if (name === deployment) return apiKeySource ?? 'HEADER'
  throw new UsageError(
    `there is no REST API ${deployment} here: is the stage deployed in this account and region?`,
  )
}
