import { once } from 'node:events'

import { Logger } from '@aws-lambda-powertools/logger'

import { parseEnvironment } from '../../functions/shared/runtime/environment.ts'
import { openBridge } from './bridge.ts'
import { bridgeEnvironment } from './env.ts'
import { listen } from './listen.ts'

/** Runs in a container: from its start until it gets SIGTERM. */
const { API_URL, WEB_SOCKET_URL, TICKSTOCK_KEY, BRIDGE_HOST, BRIDGE_PORT } = parseEnvironment(
  bridgeEnvironment,
  process.env,
)
const stopped = new AbortController()
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopped.abort())

const logger = new Logger({ serviceName: 'bridge' })
const bridge = openBridge({
  api: { url: API_URL.replace(/\/$/, ''), key: TICKSTOCK_KEY },
  url: WEB_SOCKET_URL,
  key: TICKSTOCK_KEY,
  onNote: (text) => logger.warn(text),
})
const listening = await listen(bridge, { host: BRIDGE_HOST, port: BRIDGE_PORT })
logger.info('listening', { url: listening.url, webSocketUrl: WEB_SOCKET_URL })
if (!stopped.signal.aborted) await once(stopped.signal, 'abort')
await listening.stop()
