import * as z from 'zod'
import { denied, operationOf, parsedJson } from '../../http/json-service.ts'
import type { EndpointAccess } from '../../service.ts'

const namesSchema = z.object({
  Name: z.string().optional(),
  Names: z.array(z.string()).default([]),
  Path: z.string().optional(),
})

/**
 * What requests for parameters need: the action that is named as the operation, on each parameter or path.
 * @param arnPrefix `arn:aws:ssm:region:account:parameter`
 */
export function ssmAccess(arnPrefix: string): EndpointAccess {
  return {
    needed: ({ headers, body }) => {
      const action = `ssm:${operationOf(headers)}`
      const { Name, Names = [], Path } = parsedJson(namesSchema, body) ?? {}
      return [...Names, Name, Path].flatMap((name) =>
        name === undefined ? [] : [{ action, resource: `${arnPrefix}/${name.replace(/^\//, '')}` }],
      )
    },
    deny: (message) => denied(message, { type: 'AccessDeniedException' }),
  }
}
