import { type IncomingMessage, request } from 'node:http'

import { answer, type HttpRequest, type HttpResponse, startHttpServer } from 'embedded-aws/testing'

/** Stands before a service and can keep an answer back, so that who asked is in the middle of its work. */
export type HoldingProxy = {
  readonly endpoint: string
  /** Sets the service that is behind it. */
  readonly pointTo: (endpoint: string) => void
  /** Keeps back the answer to the next such request. */
  readonly hold: (isWanted: (asked: HttpRequest) => boolean) => Held
  readonly close: () => Promise<void>
}

/** An answer that is kept back. */
type Held = {
  /** True once the service has carried the request out. */
  readonly isHeld: () => boolean
  readonly release: () => void
}

type Trap = {
  readonly isWanted: (asked: HttpRequest) => boolean
  /** Resolves when the answer may go. */
  readonly caught: () => Promise<void>
}

/** Starts a proxy on loopback. */
export async function startHoldingProxy(): Promise<HoldingProxy> {
  let target = ''
  const traps: Trap[] = []
  const server = await startHttpServer(0, (incoming, outgoing) => {
    void answer(incoming, outgoing, async (asked) => {
      const answered = await forward(target, asked)
      const trap = traps.find(({ isWanted }) => isWanted(asked))
      if (trap === undefined) return answered
      traps.splice(traps.indexOf(trap), 1)
      await trap.caught()
      return answered
    })
  })
  return {
    endpoint: server.endpoint,
    pointTo: (endpoint) => {
      target = endpoint
    },
    hold: (isWanted) => {
      let isHeld = false
      const released = Promise.withResolvers<void>()
      const caught = (): Promise<void> => {
        isHeld = true
        return released.promise
      }
      traps.push({ isWanted, caught })
      return { isHeld: () => isHeld, release: released.resolve }
    },
    close: server.close,
  }
}

/** Requests of a JSON protocol of AWS: `PutItem`, with what is in its body. */
export function calls(operation: string, body: RegExp): (asked: HttpRequest) => boolean {
  return (asked) =>
    String(asked.headers['x-amz-target']).endsWith(`.${operation}`) && body.test(asked.body.toString())
}

async function forward(
  target: string,
  { method, path, query, headers, body }: HttpRequest,
): Promise<HttpResponse> {
  const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
    request(new URL(`${path}?${query.toString()}`, target), { method, headers }, resolve)
      .on('error', reject)
      .end(body)
  })
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk))
  return {
    status: incoming.statusCode ?? 500,
    headers: Object.fromEntries(
      Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
    ),
    body: Buffer.concat(chunks),
  }
}
