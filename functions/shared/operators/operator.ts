import * as z from 'zod'

import { valuesOf } from '../access/live-protocol.ts'
import { isOperatorKey } from '../access/usage-keys.ts'

/** What API Gateway says of who calls. */
const eventSchema = z.object({
  headers: z.record(z.string(), z.string().optional()).nullish(),
  requestContext: z.object({
    authorizer: z.object({ principalId: z.string(), role: z.string() }).nullish(),
    identity: z.object({ apiKeyId: z.string().nullish() }).nullish(),
  }),
})

/** Who says that a caller is an operator: the config's `access`. */
export type Access = 'keys' | 'clients' | 'people'

/**
 * Who calls, if it is an operator; undefined for anybody else. With `access: people` and `clients` the authorizer has decided;
 * with `keys`, API Gateway has checked the key, and only operators' keys begin as theirs do.
 */
export function operatorOf(event: unknown, access: Access): string | undefined {
  const { headers, requestContext } = eventSchema.parse(event)
  const { authorizer, identity } = requestContext
  if (access !== 'keys') return authorizer?.role === 'operator' ? authorizer.principalId : undefined
  const keys = valuesOf(headers ?? {}, 'x-api-key')
  return keys.length > 0 && keys.every(isOperatorKey) ? `key ${identity?.apiKeyId ?? ''}`.trim() : undefined
}
