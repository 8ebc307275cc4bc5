import { answer } from '../../http/answer.ts'
import { startHttpServer } from '../../http/http.ts'
import { createTopics, type Topics } from './published.ts'
import { snsApi, snsLimits } from './sns-api.ts'

export type SnsServer = {
  readonly endpoint: string
  readonly topics: Topics
  close(): Promise<void>
}

/** Serves topics on a port of their own, without a stack. */
export async function startSnsServer({
  port = 0,
  throttle = () => false,
}: {
  /** @default 0, any free port */
  readonly port?: number
  /** Makes single requests fail with Throttling, to test clients. @default none */
  readonly throttle?: () => boolean
} = {}): Promise<SnsServer> {
  const topics = createTopics()
  const handle = snsApi(topics, throttle)
  const server = await startHttpServer(
    port,
    (incoming, outgoing) => void answer(incoming, outgoing, handle, snsLimits),
  )
  return { endpoint: server.endpoint, topics, close: server.close }
}
