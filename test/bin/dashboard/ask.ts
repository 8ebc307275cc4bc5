import { type IncomingHttpHeaders, request } from 'node:http'
import { text } from 'node:stream/consumers'

export type Answered = {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export type Asking = {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** Sends a request as it stands: any path, and any `Host`. */
export async function ask(port: number, path: string, { method = 'GET', headers = {}, body }: Asking = {}) {
  const { promise, resolve, reject } = Promise.withResolvers<Answered>()
  const sent = request({
    host: '127.0.0.1',
    port,
    path,
    method,
    headers: {
      host: `localhost:${port}`,
      // Node sends none with DELETE.
      ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
      ...headers,
    },
  })
  sent.once('error', reject)
  sent.once('response', (response) => {
    const { statusCode: status = 0, headers: answered } = response
    text(response).then((read) => resolve({ status, headers: answered, body: read }), reject)
  })
  sent.end(body)
  return await promise
}

/** Signs in by an address as it was printed; the cookie. */
export async function signInBy(address: string): Promise<string> {
  const { port, search } = new URL(address)
  const { headers } = await ask(Number(port), `/${search}`)
  const [cookie = ''] = headers['set-cookie'] ?? []
  return cookie.split(';', 1)[0] ?? ''
}
