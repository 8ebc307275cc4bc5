import type { Access } from '../../access.ts'
import type { HttpRequest } from '../../http/message.ts'
import { isManagementPath } from './management-api.ts'
import type { Stages } from './stages.ts'

/**
 * What a request to connections of a WebSocket API needs; other requests to an API need nothing of IAM.
 * @param arnPrefix `arn:aws:execute-api:region:account:`
 */
export function connectionAccessOf(
  { method, path }: HttpRequest,
  stages: Pick<Stages, 'find'>,
  arnPrefix: string,
): readonly Access[] {
  const found = stages.find(path)
  if (found === undefined || !isManagementPath(found.path)) return []
  const { api, name } = found.stage
  return [
    {
      action: 'execute-api:ManageConnections',
      resource: `${arnPrefix}${api.id}/${name}/${method}${found.path}`,
    },
  ]
}
