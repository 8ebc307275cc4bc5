import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { ENDPOINTS } from '../../../functions/api/endpoints.ts'
import { bar } from '../bar-writer/bars.ts'
import { type ApiHarness, startApi } from './harness.ts'

let api: ApiHarness

beforeAll(async () => {
  api = await startApi()
  const minutes = ['2025-11-10T17:24:00Z', '2025-11-10T17:25:00Z']
  // Written before 17:30, as `asof` sees it.
  await api.write(
    ['AAPL', 'MSFT'].flatMap((symbol) => minutes.map((timestamp) => bar({ symbol, timestamp }))),
  )
  await api.server.as('app_readwrite', (client) =>
    client.query(`UPDATE ohlcv_1min SET written_at = '2025-11-10T17:26:00Z'`),
  )
})
afterAll(() => api.close())

const refused = async (path: string) => {
  const { status, headers, json } = await api.get(path)
  expect(headers['content-type']).toBe('application/problem+json')
  expect(status).toBe(400)
  return json
}

describe('a wrong parameter', () => {
  it.each([
    ['/v1/bars', 'symbols', null, '1 to 100 symbols'],
    ['/v1/bars?symbols=', 'symbols', '', '1 to 100 symbols'],
    ['/v1/bars?symbols=AAPL&timeframe=90Min', 'timeframe', '90Min', '1Min to 59Min, 1Hour'],
    [
      '/v1/bars/AAPL/revisions?timeframe=1Week',
      'timeframe',
      '1Week',
      'a longer bar has more states than can be listed',
    ],
    ['/v1/bars?symbols=AAPL&start=yesterday', 'start', 'yesterday', 'a time such as 2025-11-10T14:30:00Z'],
    ['/v1/bars?symbols=AAPL&start=2025-02-30', 'start', '2025-02-30', 'a time such as'],
    ['/v1/bars?symbols=AAPL&end=0000-01-01', 'end', '0000-01-01', 'from 1900 to 2199'],
    ['/v1/bars?symbols=AAPL&limit=0', 'limit', '0', 'a whole number from 1 to 10000'],
    ['/v1/bars?symbols=AAPL&limit=1000000000', 'limit', '1000000000', 'a whole number from 1 to 10000'],
    ['/v1/bars?symbols=AAPL&limit=1e3', 'limit', '1e3', 'a whole number'],
    ['/v1/bars?symbols=AAPL&sort=up', 'sort', 'up', 'asc or desc'],
    ['/v1/bars?symbols=AAPL&tz=Mars', 'tz', 'Mars', 'the IANA name of a time zone'],
    ['/v1/movers?tz=%2B01:00', 'tz', '+01:00', 'such as UTC, America/New_York or Asia/Kolkata'],
    ['/v1/bars?symbols=AAPL&numbers=hex', 'numbers', 'hex', 'number or string'],
    ['/v1/bars?symbols=AAPL&timefrme=1Day', 'timefrme', '1Day', 'only the parameters symbols, timeframe'],
    ['/v1/bars?symbols=AAPL&symbols=MSFT', 'symbols', 'AAPL and MSFT', 'one value'],
    ['/v1/bars/AAPL?symbol=MSFT', 'symbol', 'MSFT', 'in the path only'],
    ['/v1/bars?symbols=AAPL&start=2025-11-11&end=2025-11-10', 'start', expect.anything(), 'a time up to end'],
    ['/v1/movers?top=51', 'top', '51', 'a whole number from 1 to 50'],
    ['/v1/patterns?min_confidence=2', 'min_confidence', '2', 'a number from 0 to 1'],
    ['/v1/indicators/AAPL?form=tall', 'form', 'tall', 'long or wide'],
    ['/v1/symbols?constructor=1', 'constructor', '1', 'only the parameters limit, page_token'],
    ['/v1/health?__proto__=1', '__proto__', '1', 'no parameters here'],
    ['/v1/health?verbose=1', 'verbose', '1', 'no parameters here'],
    ['/v1/screen?where=close%3E1&text=A%00B', 'text', 'A\0B', 'text without U+0000'],
  ])('in %s is named with its value and what is allowed', async (path, parameter, value, allowed) => {
    expect(await refused(path)).toEqual({
      type: 'urn:tickstock:bad-parameter',
      title: 'A parameter is wrong',
      status: 400,
      detail: expect.stringContaining(parameter),
      errors: [{ parameter, value, allowed: expect.stringContaining(allowed) }],
    })
  })

  it('does not hide another', async () => {
    expect(await refused('/v1/bars?limit=0&tz=x')).toMatchObject({ errors: { length: 3 } })
  })
})

describe('many wrong parameters, or long ones', () => {
  it('are not all repeated', async () => {
    const query = Array.from({ length: 1200 }, (_, index) => `unknown${index}=${'x'.repeat(20)}`).join('&')
    const answer = await api.get(`/v1/bars?${query}`)
    expect(answer).toMatchObject({
      status: 400,
      json: { errors: { length: 10 }, detail: expect.stringMatching(/; and 1191 more$/) },
    })
    expect(answer.body.length).toBeLessThan(8000)
  })

  it('are cut to 100 characters, the name too', async () => {
    expect(await refused(`/v1/health?${'n'.repeat(5000)}=${'v'.repeat(5000)}`)).toMatchObject({
      errors: [{ parameter: `${'n'.repeat(100)}…`, value: `${'v'.repeat(100)}…` }],
    })
  })
})

describe('a web page of an allowed origin', () => {
  const origin = 'https://app.example'

  it.each([
    ['an answer', '/v1/symbols', 200],
    ['a refusal', '/v1/bars', 400],
    ['a 404', '/v1/nothing', 404],
  ])('may read %s', async (_what, path, status) => {
    const answer = await api.get(path, { origin })
    expect(answer).toMatchObject({ status, headers: { 'access-control-allow-origin': origin } })
    expect(answer.headers['access-control-expose-headers']).toContain('x-next-page-token')
  })

  it('may send the key', async () => {
    const asked = {
      origin,
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'x-api-key',
    }
    expect(await api.send('OPTIONS', '/v1/symbols', asked)).toMatchObject({
      status: 204,
      headers: {
        'access-control-allow-origin': origin,
        'access-control-allow-headers': expect.stringContaining('x-api-key'),
        'access-control-allow-methods': expect.stringContaining('GET'),
      },
    })
  })

  it('of another origin may not', async () => {
    const { headers } = await api.get('/v1/symbols', { origin: 'https://evil.example' })
    expect(headers['access-control-allow-origin']).toBeUndefined()
  })
})

describe('what is not there', () => {
  it('is a 404 that says where to look', async () => {
    expect(await api.get('/v1/nothing')).toMatchObject({
      status: 404,
      json: { title: 'There is no such resource', detail: expect.stringContaining('/v1/openapi.json') },
    })
  })

  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'TRACE'])('is a 405 for %s', async (method) => {
    expect(await api.send(method, '/v1/bars?symbols=AAPL')).toMatchObject({
      status: 405,
      headers: { allow: 'GET, HEAD' },
      json: { status: 405 },
    })
  })
})

describe('attacks', () => {
  const INJECTIONS = [
    `'; DROP TABLE ohlcv_1min; --`,
    `AAPL' OR '1'='1`,
    `AAPL'); SELECT pg_sleep(10); --`,
    `$1; --`,
    `\\'; COPY ohlcv_1min TO PROGRAM 'id'; --`,
    `AAPL\u0000`,
    `%00`,
    `\u202eLPAA`,
    'A'.repeat(65),
  ]
  /** Every parameter of every endpoint, last in a request that is right but for it. */
  const PARAMETERS = ENDPOINTS.flatMap(({ path, parameters }) =>
    Object.keys(parameters.shape).map((name) => {
      if (path.includes(`{${name}}`)) return path.replace(/\{\w+\}.*/, '')
      const needsSymbols = !parameters.safeParse({ symbol: 'AAPL' }).success && name !== 'symbols'
      return `${path.replace('{symbol}', 'AAPL')}?${needsSymbols ? 'symbols=AAPL&' : ''}${name}=`
    }),
  )

  it.each(PARAMETERS)('in %s are refused', async (prefix) => {
    for (const injection of INJECTIONS) {
      const encoded = encodeURIComponent(injection)
      const answer = await api.get(`${prefix}${encoded}`)
      expect({ injection, ...answer }).toMatchObject({ injection, status: 400 })
      expect(answer.body).not.toMatch(/SQLSTATE|syntax error|relation "|\.ts:|node_modules|\n {4}at /)
    }
    expect(api.errors).toEqual([])
  })

  it('with 10,000 symbols is refused, and not repeated in full', async () => {
    const answer = await api.get(
      `/v1/bars?symbols=${Array.from({ length: 10_000 }, (_, index) => `S${index}`).join(',')}`,
    )
    expect(answer).toMatchObject({ status: 400 })
    expect(answer.body.length).toBeLessThan(1500)
  })

  const DAY = '2025-11-10'
  const AT = Date.parse('2025-11-10T17:25:00Z')
  const END = Date.parse(`${DAY}T18:00:00Z`)
  const asked = `symbols=MSFT&start=${DAY}&end=${DAY}T18:00:00Z&limit=1`

  it.each([
    ['of another query', () => pageOf('/v1/bars?symbols=AAPL&limit=1')],
    ['that is no base64', async () => '!!!'],
    ['that is no JSON', async () => Buffer.from('hello').toString('base64url')],
    ['with a place out of time', () => forged([END, { symbol: 'MSFT', time: 1e15 }])],
    ['with a symbol that is none', () => forged([END, { symbol: `'; --`, time: AT }])],
    ['with a symbol that was not asked for', () => forged([END, { symbol: 'AAPL', time: AT }])],
    ['with a place before the start', () => forged([END, { symbol: 'MSFT', time: 0 }])],
    ['with a place behind the end', () => forged([END, { symbol: 'MSFT', time: END + 1 }])],
    ['with an end of its own', () => forged([2e12, { symbol: 'MSFT', time: AT }])],
    ['with a span of its own', () => forged({ symbol: 'MSFT', time: 0, from: 0, to: 2e12 })],
    ['that is huge', async () => 'A'.repeat(8000)],
  ])('with a page token %s are refused', async (_what, tokenOf) => {
    expect(
      await refused(`/v1/bars?${asked}&page_token=${encodeURIComponent(await tokenOf())}`),
    ).toMatchObject({
      errors: [
        { parameter: 'page_token', allowed: expect.stringContaining('next_page_token of the page before') },
      ],
    })
  })

  it.each([
    ['later than now', '/v1/bars?symbols=MSFT&limit=1', 2e12],
    ['before the start', `/v1/bars?symbols=MSFT&limit=1&start=${DAY}`, Date.parse('2025-11-09')],
    ['later than asof', `/v1/bars?symbols=MSFT&limit=1&asof=${DAY}T17:29:00Z&start=${DAY}`, END],
  ])('with a page token whose end is %s are refused', async (_what, path, last) => {
    const token = await forged([last, { symbol: 'MSFT', time: Math.min(last, AT) }], path)
    expect(await refused(`${path}&page_token=${token}`)).toMatchObject({
      errors: [{ parameter: 'page_token' }],
    })
  })

  it('with a forged place reach nothing but the query it is for', async () => {
    const token = await forged([END, { symbol: 'MSFT', time: Date.parse(DAY) }])
    expect(await api.get(`/v1/bars?${asked}&page_token=${token}`)).toMatchObject({
      status: 200,
      json: { bars: { MSFT: [{ t: '2025-11-10T17:24:00Z' }] } },
    })
  })

  const pageOf = async (path: string) => (await api.get(path)).headers['x-next-page-token'] ?? ''

  /** A genuine token with another place in it. */
  const forged = async (place: unknown, path = `/v1/bars?${asked}`) => {
    const genuine: unknown[] = JSON.parse(Buffer.from(await pageOf(path), 'base64url').toString())
    return Buffer.from(JSON.stringify([genuine[0], place])).toString('base64url')
  }
})
