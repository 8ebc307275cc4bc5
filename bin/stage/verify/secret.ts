import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'

import { secretNameOf } from '../../../functions/shared/runtime/deployment-name.ts'
import { type Credentials, parseCredentials } from '../../../functions/shared/postgres/credentials.ts'
import { clientOptions } from '../client-options.ts'
import type { DeployedStage } from '../find-deployment.ts'
import { explainUnreachable } from '../unreachable.ts'
import { reasonOf } from './reason.ts'

/** A role's secret, or why it cannot be read. `unreachable`: nothing answered at all. */
export type Secret =
  | { readonly type: 'read'; readonly credentials: Credentials }
  | { readonly type: 'unreadable' | 'unreachable'; readonly reason: string }

/** Long enough for any service that runs, short enough to wait for one that does not. */
const CONNECTION_TIMEOUT_MS = 5_000

/** Reads the credentials of a role. */
export async function readSecret(deployed: DeployedStage, role: 'read' | 'owner'): Promise<Secret> {
  const { stage, environment, at } = deployed
  const id = secretNameOf(deployed, role)
  const client = new SecretsManagerClient({
    ...clientOptions('SECRETS_MANAGER', environment),
    maxAttempts: 1,
    requestHandler: { connectionTimeout: CONNECTION_TIMEOUT_MS, requestTimeout: 2 * CONNECTION_TIMEOUT_MS },
  })
  try {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: id }))
    return { type: 'read', credentials: parseCredentials(SecretString, id) }
  } catch (error) {
    const reason = reasonOf(explainUnreachable(error, deployed))
    if (!isAnswer(error))
      return {
        type: 'unreachable',
        reason: reason.includes(at) ? reason : `${at} cannot be reached: ${reason}`,
      }
    return {
      type: 'unreadable',
      reason: `the secret ${id} cannot be read at ${at}: ${reason}; is stage ${stage} running there, and may you read it?${role === 'read' ? ' Or give --database with the connection string of app_readonly' : ''}`,
    }
  }
}

/** True when the service answered, with a refusal or with something unreadable. */
function isAnswer(error: unknown): boolean {
  if (!(error instanceof Error)) return true
  const isNetwork = 'code' in error && /^E[A-Z_]+$/.test(String(error.code))
  return !isNetwork && !/Credentials|Region is missing|TimeoutError/.test(`${error.name} ${error.message}`)
}
