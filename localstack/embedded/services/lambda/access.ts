import type { Access } from '../../access.ts'
import type { HttpRequest } from '../../http/message.ts'

const ACTIONS: Readonly<Record<string, string>> = {
  '/invocations': 'lambda:InvokeFunction',
  '/configuration': 'lambda:GetFunctionConfiguration',
}

/**
 * What a request to Lambda's API needs, on the function or on the version or alias that it names.
 * @param arnPrefix `arn:aws:lambda:region:account:function:`
 */
export function lambdaAccessOf({ path, query }: HttpRequest, arnPrefix: string): readonly Access[] {
  const match = /^\/2015-03-31\/functions(?:\/(?<name>[^/]+)(?<what>\/[^/]+)?)?\/?$/.exec(path)
  if (match === null) return []
  const given = match.groups?.['name']
  if (given === undefined) return [{ action: 'lambda:ListFunctions', resource: '*' }]
  const named = decodeURIComponent(given)
  const arn = named.startsWith('arn:') ? named : `${arnPrefix}${named}`
  const qualifier = query.get('Qualifier')
  return [
    {
      action: ACTIONS[match.groups?.['what'] ?? ''] ?? 'lambda:GetFunction',
      resource: qualifier === null ? arn : `${arn}:${qualifier}`,
    },
  ]
}
