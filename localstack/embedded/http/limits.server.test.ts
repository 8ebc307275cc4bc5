import { once } from 'node:events'
import { request } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { answer } from './answer.ts'
import { startHttpServer } from './http.ts'
import type { Limits } from './limits.ts'

let port: number

async function serve(limits: Partial<Limits>): Promise<void> {
  const server = await startHttpServer(
    0,
    (incoming, outgoing) =>
      void answer(incoming, outgoing, ({ body }) => ({ status: 200, body: `${body.length} bytes` }), {
        maxBodyBytes: 1000,
      }),
    { limits },
  )
  onTestFinished(() => server.close())
  port = Number(new URL(server.endpoint).port)
}

function open(): Socket {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  onTestFinished(() => void socket.destroy())
  return socket
}

describe('a request that does not go on', () => {
  beforeEach(() => serve({ headersMs: 200, bodyMs: 100, checkMs: 50 }))

  test.each([
    ['nothing at all', ''],
    ['two letters that could be HTTP/2', 'PR'],
    ['half a line', 'GET / HT'],
    ['half the headers', 'GET / HTTP/1.1\r\nHost: localhost\r\nX-Half: '],
    ['half a body', 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf'],
    ['half a chunk', 'POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n100\r\nhalf'],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ])('ends, and takes its connection with it: %s', async (_, bytes) => {
    const sockets = Array.from({ length: 20 }, open)
    for (const socket of sockets) socket.resume().write(bytes)
    await Promise.all(sockets.map((socket) => once(socket, 'close')))
    expect(sockets.every(({ destroyed }) => destroyed)).toBe(true)
  })
})

test('a connection above the limit is closed, and there is room again when one has ended', async () => {
  await serve({ connections: 3 })
  const first = Array.from({ length: 3 }, open)
  await Promise.all(first.map((socket) => once(socket, 'connect')))
  await once(open().resume(), 'close')
  first[0]?.destroy()
  await expect
    .poll(() =>
      fetch(`http://127.0.0.1:${port}`).then(
        (got) => got.status,
        () => 0,
      ),
    )
    .toBe(200)
})

describe('a body above the limit', () => {
  beforeEach(() => serve({}))

  test('is refused before it is sent, when its length is announced', async () => {
    const socket = open()
    socket.write('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2100000000\r\n\r\n')
    expect(await text(socket)).toMatch(
      /^HTTP\/1\.1 413 Payload Too Large\r\n.*The body may have 1000 bytes\./s,
    )
  })

  test('is not asked for by 100 Continue', async () => {
    const headers = { expect: '100-continue', 'content-length': '1001' }
    const sent = request(`http://127.0.0.1:${port}`, { method: 'POST', headers })
    onTestFinished(() => void sent.destroy())
    let asked = false
    sent.on('continue', () => (asked = true)).on('error', () => undefined)
    sent.flushHeaders()
    const [response] = await once(sent, 'response')
    expect([response.statusCode, asked]).toEqual([413, false])
  })

  test('is asked for where it is within it', async () => {
    const headers = { expect: '100-continue', 'content-length': '1000' }
    const sent = request(`http://127.0.0.1:${port}`, { method: 'POST', headers })
    sent.on('continue', () => sent.end('x'.repeat(1000)))
    sent.flushHeaders()
    const [response] = await once(sent, 'response')
    expect([response.statusCode, await text(response)]).toEqual([200, '1000 bytes'])
  })

  test('is refused at the limit, when its length is not announced', async () => {
    const socket = open()
    socket.write('POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n')
    socket.write(`7d0\r\n${'x'.repeat(2000)}\r\n`)
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 413 /)
  })

  test('is refused in HTTP/2 too', async () => {
    const session = connectHttp2(`http://127.0.0.1:${port}`)
    onTestFinished(() => session.destroy())
    const stream = session.request({ ':method': 'POST', ':path': '/' })
    stream.write('x'.repeat(2000))
    const [headers] = await once(stream, 'response')
    expect(headers[':status']).toBe(413)
  })
})
