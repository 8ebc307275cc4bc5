import { createServer } from 'node:http'
import { once } from 'node:events'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { createWebhook } from '../../../functions/alerter/post-webhook.ts'
import { newSecret } from '../../../functions/alerter/sign.ts'
import { isPublicAddress, refuseUrl } from '../../../functions/alerter/webhook-url.ts'

const asked: string[] = []
const server = createServer((request, response) => {
  asked.push(request.url ?? '')
  const status = Number(request.url?.slice(1))
  response.writeHead(status, { location: '/204' }).end()
})
let port: number

beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  port = typeof address === 'object' ? (address?.port ?? 0) : 0
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const message = (url: string) => ({ url, secret: newSecret(), id: 'x', body: '{}' })
const post = createWebhook('allowed', Date.now)
const publicOnly = createWebhook('refused', Date.now)

describe('a webhook', () => {
  it.each([
    [204, { type: 'delivered', detail: 'the receiver answered 204' }],
    [302, { type: 'failed', reason: 'the receiver answered 302; redirects are not followed' }],
    [410, { type: 'refused', reason: 'the receiver answered 410' }],
    [500, { type: 'failed', reason: 'the receiver answered 500' }],
  ])('that answers %i', async (status, attempt) => {
    asked.length = 0
    expect(await post(message(`http://127.0.0.1:${port}/${status}`))).toEqual(attempt)
    expect(asked).toEqual([`/${status}`])
  })

  it('whose name leads to this machine is not connected to', async () => {
    asked.length = 0
    expect(await publicOnly(message(`https://localhost:${port}/204`))).toMatchObject({
      type: 'failed',
      reason: expect.stringMatching(/^localhost: localhost is at (127\.0\.0\.1|::1), which is not public$/),
    })
    expect(asked).toEqual([])
  })

  it.each([
    'http://example.com/',
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://169.254.169.254/latest/meta-data',
    // As browsers and Node.js read it, 127.0.0.1.
    'https://2130706433/',
    'https://0x7f.1/',
    'https://user:password@example.com/',
    'ftp://example.com/',
    'example.com',
  ])('cannot go to %s unless the config allows it', (url) => {
    expect(() => refuseUrl(url, 'refused')).toThrow(/^to is ".*"; allowed: a /)
  })

  it('may go to a public host', () => {
    expect(refuseUrl('https://hooks.example.com:8443/x?y=1', 'refused').href).toBe(
      'https://hooks.example.com:8443/x?y=1',
    )
    expect(() => refuseUrl('https://u@example.com/', 'allowed')).toThrow(/without user name/)
  })

  it.each([
    ['8.8.8.8', true],
    ['100.64.0.1', false],
    ['172.31.255.255', false],
    ['172.32.0.1', true],
    ['224.0.0.1', false],
    ['255.255.255.255', false],
    ['2606:4700::1111', true],
    ['fd00:ec2::254', false],
    ['fe80::1', false],
    ['64:ff9b::7f00:1', false],
    ['2002:7f00:1::', false],
    ['::ffff:8.8.8.8', false],
    ['example.com', false],
  ])('%s is public: %s', (address, isPublic) => {
    expect(isPublicAddress(address)).toBe(isPublic)
  })
})
