import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager'

/** A secret during a rotation. `version` is what Secrets Manager calls the client request token. */
export type RotatingSecret = {
  /** The text in use. */
  current(): Promise<string>
  /** The text of the next version, if it exists already. */
  pending(version: string): Promise<string | undefined>
  putPending(version: string, text: string): Promise<void>
  /** Puts the next version into use; harmless to repeat. */
  finish(version: string): Promise<void>
}

/** The secret in Secrets Manager. */
export function createRotatingSecret(client: SecretsManagerClient, arn: string): RotatingSecret {
  const SecretId = arn
  return {
    current: async () => {
      const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId }))
      return SecretString
    },
    pending: async (VersionId) => {
      try {
        const { SecretString } = await client.send(
          new GetSecretValueCommand({ SecretId, VersionId, VersionStage: 'AWSPENDING' }),
        )
        return SecretString
      } catch (error) {
        if (error instanceof ResourceNotFoundException) return undefined
        throw error
      }
    },
    putPending: async (version, SecretString) => {
      await client.send(
        new PutSecretValueCommand({
          SecretId,
          SecretString,
          ClientRequestToken: version,
          VersionStages: ['AWSPENDING'],
        }),
      )
    },
    finish: async (version) => {
      const { VersionIdsToStages = {} } = await client.send(new DescribeSecretCommand({ SecretId }))
      const [inUse] =
        Object.entries(VersionIdsToStages).find(([, stages]) => stages.includes('AWSCURRENT')) ?? []
      if (inUse === version) return
      await client.send(
        new UpdateSecretVersionStageCommand({
          SecretId,
          VersionStage: 'AWSCURRENT',
          MoveToVersionId: version,
          RemoveFromVersionId: inUse,
        }),
      )
    },
  }
}
