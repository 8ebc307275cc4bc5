import * as z from 'zod'

/** The environment of the container's program; set by `lib/bridge.ts`. */
export const bridgeEnvironment = z.object({
  /** Address of the REST API. */
  API_URL: z.url({ protocol: /^https?$/ }),
  /** Address of the WebSocket API. */
  WEB_SOCKET_URL: z.url({ protocol: /^wss?$/ }),
  /** The bridge's own key of both. */
  TICKSTOCK_KEY: z.string().min(1),
  BRIDGE_HOST: z.string().min(1),
  BRIDGE_PORT: z.coerce.number().int().min(0).max(65_535),
})

export type BridgeEnvironment = z.input<typeof bridgeEnvironment>
