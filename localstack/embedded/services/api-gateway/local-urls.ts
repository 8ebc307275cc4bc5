import { apiGatewayPath } from './api-gateway.ts'

/**
 * Replaces the beginning of URLs of APIs that run here, as templates join it:
 * `https://<id>.execute-api.<region>.amazonaws.com` by `http://<endpoint>/_aws/execute-api/<id>`, and `wss:` by `ws:`.
 */
export function localUrls(
  text: string,
  {
    endpoint,
    isLocal,
  }: {
    /** URL of the gateway. */
    readonly endpoint: string
    readonly isLocal: (apiId: string) => boolean
  },
): string {
  return text.replaceAll(
    /\b(https|wss):\/\/([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com(?![\w.-])/g,
    (url, scheme: string, apiId: string) => {
      if (!isLocal(apiId)) return url
      const local = `${endpoint}${apiGatewayPath}${apiId}`
      return scheme === 'wss' ? local.replace(/^http:/, 'ws:') : local
    },
  )
}
