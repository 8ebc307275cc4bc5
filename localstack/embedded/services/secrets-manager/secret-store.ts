import { randomInt, randomUUID } from 'node:crypto'
import * as z from 'zod'
import type { HttpHandler } from '../../http/message.ts'
import { jsonService, operation, ServiceError } from '../../http/json-service.ts'
import { readState, writeState } from '../../storage/state-file.ts'

const SecretSchema = z.object({
  name: z.string(),
  arn: z.string(),
  description: z.string().optional(),
  value: z.string(),
  versionId: z.string(),
  /** Unix milliseconds. */
  createdAt: z.number(),
})

type Secret = z.infer<typeof SecretSchema>

/** The secrets of one stack, kept in a file that only the owner may read. */
export type SecretsManager = {
  readonly handle: HttpHandler
  /** Keeps a secret under `name`; `valueFrom` gets the value it has from an earlier start, if any. */
  readonly ensure: (
    name: string,
    valueFrom: (previous: string | undefined) => string,
    options: { readonly description?: string | undefined },
  ) => Secret
  /** By name, ARN, or ARN without its random ending; throws a ServiceError if there is none. */
  readonly find: (idOrArn: string) => Secret
  readonly has: (idOrArn: string) => boolean
}

/** Opens the secrets kept in `file`. `arnPrefix`: `arn:aws:secretsmanager:region:account:secret:`. */
export function openSecretsManager(
  file: string,
  { arnPrefix, now }: { readonly arnPrefix: string; readonly now: () => number },
): SecretsManager {
  const secrets = new Map(
    (readState(file, z.array(SecretSchema)) ?? []).map((secret) => [secret.name, secret]),
  )
  const lookUp = (id: string): Secret | undefined =>
    [...secrets.values()].find(
      ({ name, arn }) => id === name || id === arn || id === arn.slice(0, -'-xxxxxx'.length),
    )
  const find = (id: string): Secret => {
    const found = lookUp(id)
    if (found !== undefined) return found
    throw new ServiceError('ResourceNotFoundException', `Secrets Manager can't find the secret ${id}.`)
  }
  return {
    find,
    has: (id) => lookUp(id) !== undefined,
    ensure: (name, valueFrom, { description }) => {
      const previous = secrets.get(name)
      const value = valueFrom(previous?.value)
      if (previous?.value === value && previous.description === description) return previous
      const secret: Secret = {
        name,
        arn: previous?.arn ?? `${arnPrefix}${name}-${randomEnding()}`,
        description,
        value,
        versionId: randomUUID(),
        createdAt: previous?.createdAt ?? now(),
      }
      secrets.set(name, secret)
      writeState(file, [...secrets.values()])
      return secret
    },
    handle: jsonService('Secrets Manager', operationsOn(secrets, find)),
  }
}

const Id = z.object({ SecretId: z.string() })

function operationsOn(secrets: ReadonlyMap<string, Secret>, find: (id: string) => Secret) {
  return {
    GetSecretValue: operation(
      Id.extend({ VersionId: z.string().optional(), VersionStage: z.literal('AWSCURRENT').optional() }),
      ({ SecretId, VersionId }) => {
        const { name, arn, value, versionId, createdAt } = find(SecretId)
        if (VersionId !== undefined && VersionId !== versionId) {
          throw new ServiceError('ResourceNotFoundException', `${SecretId} has no version ${VersionId}.`)
        }
        const stages = { VersionId: versionId, VersionStages: ['AWSCURRENT'] }
        return { ARN: arn, Name: name, SecretString: value, CreatedDate: createdAt / 1000, ...stages }
      },
    ),
    DescribeSecret: operation(Id, ({ SecretId }) => {
      const secret = find(SecretId)
      return { ...listed(secret), VersionIdsToStages: { [secret.versionId]: ['AWSCURRENT'] } }
    }),
    ListSecrets: operation(z.object({ MaxResults: z.number().optional() }), () => ({
      SecretList: [...secrets.values()].map(listed),
    })),
  }
}

function listed({ arn, name, description, createdAt }: Secret) {
  return {
    ARN: arn,
    Name: name,
    Description: description,
    CreatedDate: createdAt / 1000,
  }
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

function randomEnding(): string {
  return Array.from({ length: 6 }, () => letters.charAt(randomInt(letters.length))).join('')
}
