import { createServer } from 'node:http'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

import { signatureFault } from '../../../functions/alerter/sign.ts'
import { onInterrupt } from '../../terminal/interrupt.ts'
import { printLine } from '../../terminal/print.ts'
import { printable } from '../../terminal/printable.ts'

export type Received = {
  readonly id: string
  readonly body: string
  /** `again` when its id came before, `bad` when it is not signed with the secret. */
  readonly verdict: 'new' | 'again' | 'bad'
  /** Why it is bad. */
  readonly fault: string | undefined
}

export type Receiver = { readonly url: string; stop(): Promise<void> }

/** Receives messages on this machine, verifies each, and knows those that it has had. */
export async function startReceiver(
  { secret, port, now }: { readonly secret: string; readonly port: number; readonly now: () => number },
  onMessage: (received: Received) => void,
): Promise<Receiver> {
  const seen = new Set<string>()
  const server = createServer((request, response) => {
    const take = async (): Promise<void> => {
      const body = await text(request)
      const { headers } = request
      const fault = signatureFault(secret, { headers, body }, Math.floor(now() / 1000))
      const id = String(headers['webhook-id'] ?? '')
      const verdict = fault === undefined ? (seen.has(id) ? 'again' : 'new') : 'bad'
      if (fault === undefined) seen.add(id)
      onMessage({ id, body, verdict, fault })
      response.writeHead(fault === undefined ? 204 : 401).end()
    }
    // The sender has gone; it sends the message again.
    take().catch(() => response.destroy())
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const opened = typeof address === 'object' && address !== null ? address.port : port
  return {
    url: `http://127.0.0.1:${opened}/`,
    stop: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Prints what arrives until Ctrl-C. */
export async function receive({
  secret,
  port,
}: {
  readonly secret: string
  readonly port: number
}): Promise<number> {
  const receiver = await startReceiver({ secret, port, now: Date.now }, ({ verdict, fault, id, body }) => {
    printLine(printable(`${verdict}  ${id}  ${fault === undefined ? body : `${fault}: ${body}`}`))
  })
  printLine(`receiving at ${receiver.url} (Ctrl-C ends)`)
  const signal = onInterrupt(() => printLine('closed'))
  if (!signal.aborted) await once(signal, 'abort')
  await receiver.stop()
  return 0
}
