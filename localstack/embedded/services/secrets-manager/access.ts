import * as z from 'zod'
import { denied, operationOf, parsedJson } from '../../http/json-service.ts'
import type { EndpointAccess } from '../../service.ts'
import type { SecretsManager } from './secret-store.ts'

const idSchema = z.object({ SecretId: z.string() })

/**
 * What requests to Secrets Manager need: the action that is named as the operation, on its secret.
 * @param arnPrefix `arn:aws:secretsmanager:region:account:secret:`
 */
export function secretsAccess(
  secrets: Pick<SecretsManager, 'find' | 'has'>,
  arnPrefix: string,
): EndpointAccess {
  return {
    needed: ({ headers, body }) => {
      const operation = operationOf(headers)
      const action = `secretsmanager:${operation}`
      if (operation === 'ListSecrets') return [{ action, resource: '*' }]
      const id = parsedJson(idSchema, body)?.SecretId
      if (id === undefined) return []
      const unknown = id.startsWith('arn:') ? id : `${arnPrefix}${id}`
      return [{ action, resource: secrets.has(id) ? secrets.find(id).arn : unknown }]
    },
    deny: (message) => denied(message, { type: 'AccessDeniedException' }),
  }
}
