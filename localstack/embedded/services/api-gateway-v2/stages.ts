import { apiGatewayPath } from '../api-gateway/api-gateway.ts'
import { decode } from '../api-gateway/multi-values.ts'
import type { Throttle } from '../api-gateway/rest-api.ts'
import { createTokenBucket } from '../api-gateway/throttle.ts'
import type { TokenBucket } from '../api-gateway/throttle.ts'
import type { WebSocketApi } from './web-socket-api.ts'

/** A stage of an API; what its clients send and how often they connect is throttled together. */
export type Stage = { readonly api: WebSocketApi; readonly name: string; readonly bucket: TokenBucket }

/** The WebSocket APIs and their stages, by where they are served: `/_aws/execute-api/<id>/<stage>`. */
export type Stages = {
  readonly apis: Map<string, WebSocketApi>
  readonly add: (api: WebSocketApi, name: string, throttle: Throttle) => void
  /** Whether a path leads to a WebSocket API. */
  readonly serves: (path: string) => boolean
  /** The stage that a URL leads to, and the path behind it: decoded, and `/` if there is none. */
  readonly find: (url: string) => { readonly stage: Stage; readonly path: string } | undefined
}

/** @param now Unix milliseconds */
export function createStages(now: () => number): Stages {
  const apis = new Map<string, WebSocketApi>()
  const stages = new Map<string, Stage>()
  return {
    apis,
    add: (api, name, throttle) =>
      stages.set(`${api.id}/${name}`, { api, name, bucket: createTokenBucket(throttle, now) }),
    serves: (path) => apis.has(segmentsOf(path)[0] ?? ''),
    find: (url) => {
      const [apiId, name, ...behind] = segmentsOf(url)
      const stage = stages.get(`${apiId}/${name}`)
      return stage && { stage, path: `/${decode(behind.join('/'))}` }
    },
  }
}

function segmentsOf(url: string): readonly string[] {
  return (url.split('?')[0] ?? '').slice(apiGatewayPath.length).split('/')
}
