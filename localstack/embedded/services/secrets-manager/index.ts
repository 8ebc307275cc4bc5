import { join } from 'node:path'
import { jsonLimits } from '../../http/json-service.ts'
import { defineService } from '../../service.ts'
import { secretsAccess } from './access.ts'
import { resolveSecretReference } from './secret-reference.ts'
import { openSecretsManager } from './secret-store.ts'
import { secret } from './secret.ts'

/** Secrets Manager. */
export const secretsManager = defineService({
  name: 'secretsmanager',
  resourceTypes: { 'AWS::SecretsManager::Secret': secret },
  durableData: {
    inventory: 'secrets',
    noun: 'secret',
    resourceTypes: ['AWS::SecretsManager::Secret'],
    file: 'secrets.json',
    path: 'secrets.json',
  },
  open: ({ data, region, accountId, clock }) => {
    const arnPrefix = `arn:aws:secretsmanager:${region}:${accountId}:secret:`
    const secrets = openSecretsManager(join(data, 'secrets.json'), { arnPrefix, now: clock.now })
    return {
      api: secrets,
      endpoint: {
        ...jsonLimits,
        handle: secrets.handle,
        signedAs: 'secretsmanager',
        target: 'secretsmanager',
        access: secretsAccess(secrets, arnPrefix),
      },
      environment: (gateway) => ({ AWS_ENDPOINT_URL_SECRETS_MANAGER: gateway }),
      resolveReference: (reference) => resolveSecretReference(reference, (id) => secrets.find(id).value),
      has: secrets.has,
    }
  },
})
