import { describe, expect, test } from 'vitest'
import { foreignReason, noPages } from './foreign-request.ts'

const host = '127.0.0.1:4566'
const apis = { mayUse: (path: string) => path.startsWith('/api/'), origins: ['https://app.example'] }

describe('a request of a program', () => {
  test.each([
    'localhost',
    'LOCALHOST:80',
    '127.0.0.1:4566',
    '[::1]:4566',
    'dead-letters.localhost:4566',
    'b.s3.localhost',
  ])('passes with the host %s', (name) => {
    expect(foreignReason({ headers: { host: name } }, noPages)).toBeUndefined()
  })

  test('passes in HTTP/2, whose host is an authority', () => {
    expect(foreignReason({ headers: { ':authority': host } }, noPages)).toBeUndefined()
  })

  test('passes when a user typed its address', () => {
    expect(foreignReason({ headers: { host, 'sec-fetch-site': 'none' } }, noPages)).toBeUndefined()
  })
})

describe('a request that a page had sent', () => {
  test.each([
    'evil.example',
    'evil.example:4566',
    'localhost.evil.example',
    'bucket.localhost.evil.example',
    'localhost.',
    'evillocalhost',
    '.localhost',
    '127.0.0.1.evil.example',
    '127.0.0.1@evil.example',
    '10.0.0.7:4566',
    '0.0.0.0:4566',
    '[::]:4566',
    '',
    'localhost:4566:4566',
  ])('is refused with the host %j', (name) => {
    expect(foreignReason({ headers: { host: name } }, apis)).toContain(`The host ${JSON.stringify(name)}`)
  })

  test.each([
    'http://evil.example',
    'http://127.0.0.1:3000',
    'null',
    `https://${host}`,
    `http://${host}.evil.example`,
    '',
  ])('is refused with the origin %j, for APIs too', (origin) => {
    for (const url of ['/', '/api/v1/bars?limit=1'])
      expect(foreignReason({ headers: { host, origin }, url }, apis)).toContain(JSON.stringify(origin))
  })

  test.each(['cross-site', 'same-site', 'whatever'])('is refused with Sec-Fetch-Site: %s', (site) => {
    const headers = { host, 'sec-fetch-site': site }
    for (const url of ['/', '/api/v1/bars']) expect(foreignReason({ headers, url }, apis)).toContain(site)
  })
})

describe("a page of the server's own origin, or one that is let in,", () => {
  test.each([`http://${host}`, 'https://app.example'])('may use the APIs, and nothing else: %s', (origin) => {
    const headers = { host, origin, 'sec-fetch-site': 'cross-site' }
    expect(foreignReason({ headers, url: '/api/v1/bars?limit=1' }, apis)).toBeUndefined()
    expect(foreignReason({ headers, url: '/2015-03-31/functions/' }, apis)).toContain(origin)
  })

  test('may get from the APIs, and from nothing else', () => {
    const headers = { host, 'sec-fetch-site': 'same-origin' }
    expect(foreignReason({ headers, url: '/api/' }, apis)).toBeUndefined()
    expect(foreignReason({ headers, url: '/_health' }, apis)).toContain('same-origin')
  })
})
