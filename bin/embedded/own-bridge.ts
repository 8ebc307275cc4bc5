import { type Bridge, openBridge } from '../bridge/bridge.ts'
import type { Deployment } from './deployment.ts'

/**
 * The streams of other vendors at the address of the REST API, so that their clients need one address; undefined without a
 * WebSocket API.
 */
export function openOwnBridge(
  { runtime, api, webSocketUrl }: Deployment,
  onNote: (text: string) => void,
): Bridge | undefined {
  if (webSocketUrl === undefined) return undefined
  const bridge = openBridge({
    base: new URL(api.url).pathname,
    api,
    url: webSocketUrl,
    key: api.key,
    onNote,
  })
  runtime.takeUpgrades(bridge)
  return bridge
}
