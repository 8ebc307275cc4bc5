import { readFileSync, rmSync } from 'node:fs'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { type Deployment, startDeployment } from '../../bin/embedded/deployment.ts'
import { ENDPOINTS } from '../../functions/api/endpoints.ts'
import { preparedData } from './support/data-folder.ts'
import { feedHistory, feedTicks } from './support/feed-history.ts'

const DOCS = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8')
/** What the examples ask for: headers and the path behind `$API`. */
const EXAMPLES = [
  ...DOCS.matchAll(
    /```sh\ncurl (?:-G )?(?<headers>-H .*)"\$API(?<path>[^"]+)"(?: --data-urlencode "(?<name>\w+)=(?<value>[^"]+)")?\n```/g,
  ),
].map((match) => ({
  headers: [...(match.groups?.['headers'] ?? '').matchAll(/-H "([^:]+): ([^"]+)"/g)].map(
    ([, name = '', value = '']) => [name, value] as const,
  ),
  path: withQuery(
    (match.groups?.['path'] ?? '').replace('$(date -u +%FT%TZ)', '2199-01-01T00:00:00Z'),
    match.groups?.['name'],
    match.groups?.['value'],
  ),
}))
/** What may find nothing in half an hour of prices that wander. */
const MAY_BE_EMPTY = ['/v1/screen?', '/v1/patterns?symbols=AAPL,MSFT&timeframe=']

let data: string
let deployment: Deployment
let fed: Map<string, number>

beforeAll(async () => {
  data = await preparedData()
  deployment = await startDeployment({ data, durability: 'none' })
  fed = new Map(await feedHistory(deployment, { symbols: ['AAPL', 'MSFT', 'NVDA'], minutes: 30 }))
  const late = String((Date.now() - 70_000) / 1000)
  await feedTicks(deployment, [{ symbol: 'AAPL', timestamp: late, price: '150', volume: '1' }])
  fed.set('AAPL', (fed.get('AAPL') ?? 0) + 1)
})

afterAll(async () => {
  await deployment.stop()
  rmSync(data, { recursive: true, force: true })
})

const get = (path: string, headers: Readonly<Record<string, string>> = {}) =>
  fetch(`${deployment.api.url}${path}`, { headers: { 'x-api-key': deployment.api.key, ...headers } })

describe('the examples of docs/api.md', () => {
  it('have one for each endpoint', () => {
    const paths = EXAMPLES.map(({ path }) => path.split('?')[0]?.replace('AAPL', '{symbol}'))
    expect(new Set(paths)).toEqual(new Set(ENDPOINTS.map(({ path }) => path)))
  })

  it.each(EXAMPLES)('$path', async ({ headers, path }) => {
    const filled = headers.map(([name, value]) => [name, value.replace('$KEY', deployment.api.key)])
    const answer = await fetch(`${deployment.api.url}${path}`, { headers: Object.fromEntries(filled) })
    expect(answer.status).toBe(200)
    const [, format] = /format=(\w+)/.exec(path) ?? []
    if (format === 'parquet')
      return expect(Buffer.from(await answer.arrayBuffer()).toString('latin1')).toMatch(/^PAR1.+PAR1$/s)
    const body = await answer.text()
    const wanted = headers.find(([name]) => name === 'accept')?.[1] ?? 'application/json'
    expect(answer.headers.get('content-type')).toContain(wanted)
    const schema = ENDPOINTS.find((each) => matches(each.path, path))?.answer
    if (wanted !== 'application/json') return expect(body.split('\n')).toHaveLength(7)
    expect(schema?.safeParse(JSON.parse(body)).error).toBeUndefined()
    const lists = listsOf(JSON.parse(body))
    // At that time this deployment had no bar.
    if (path.includes('asof=')) expect(lists).toEqual([0])
    else if (!MAY_BE_EMPTY.some((start) => path.startsWith(start))) expect(lists).not.toContain(0)
  })
})

function withQuery(path: string, name: string | undefined, value = ''): string {
  return name === undefined ? path : `${path}?${name}=${encodeURIComponent(value)}`
}

/** How long the lists of an answer are, and of those under symbols each; what rises and falls counts as one. */
function listsOf(json: unknown): number[] {
  const { gainers, losers, ...others } = z.record(z.string(), z.unknown()).parse(json)
  const lists = [gainers === undefined ? undefined : [gainers, losers].flat(), ...Object.values(others)]
  return lists.flatMap((list) => {
    if (Array.isArray(list)) return [list.length]
    return typeof list === 'object' && list !== null ? [Object.keys(list).length] : []
  })
}

function matches(template: string, path: string): boolean {
  return template === path.split('?')[0] || template.replace('{symbol}', 'AAPL') === path.split('?')[0]
}

describe('the API of a deployment', () => {
  it('gives the bars that the ticks make', async () => {
    const json: unknown = await (await get('/v1/bars?symbols=AAPL,MSFT,NVDA')).json()
    const { bars } = z.object({ bars: z.record(z.string(), z.array(z.object({ n: z.int() }))) }).parse(json)
    const trades = Object.entries(bars).map(([symbol, list]) => [
      symbol,
      list.reduce((sum, { n }) => sum + n, 0),
    ])
    expect(Object.fromEntries(trades)).toEqual(Object.fromEntries(fed))
    expect(fed.get('AAPL')).toBeGreaterThan(170)
  })

  it.each([
    ['no key', {}],
    ['a wrong key', { 'x-api-key': 'x'.repeat(40) }],
  ])('answers %s with 401 and a problem document', async (_what, headers) => {
    const answer = await fetch(`${deployment.api.url}/v1/symbols`, { headers })
    expect([answer.status, answer.headers.get('content-type'), await answer.json()]).toEqual([
      401,
      'application/problem+json',
      expect.objectContaining({ type: 'urn:tickstock:bad-key', status: 401 }),
    ])
  })

  it('answers 10,000 symbols with 400 and a problem document', async () => {
    const symbols = Array.from({ length: 10_000 }, (_, index) => `S${index}`).join(',')
    const answer = await get(`/v1/bars?symbols=${symbols}`)
    expect([answer.status, await answer.json()]).toEqual([
      400,
      expect.objectContaining({ type: 'urn:tickstock:bad-parameter' }),
    ])
  })

  it.each(['/', '/v2/bars', '/docs/more'])('answers %s, which it lacks, with 404', async (path) => {
    const answer = await get(path)
    expect([answer.status, await answer.json()]).toEqual([404, expect.objectContaining({ status: 404 })])
  })

  it.each(['/docs', '/v1/openapi.json'])('shows %s to anybody', async (path) => {
    const answer = await fetch(`${deployment.api.url}${path}`)
    expect(answer.status).toBe(200)
    expect(await answer.text()).toContain('/v1/bars/latest')
    const head = await fetch(`${deployment.api.url}${path}`, { method: 'HEAD' })
    expect([head.status, head.headers.get('etag')]).toEqual([200, answer.headers.get('etag')])
  })

  it('compresses what is long', async () => {
    const answer = await get('/v1/bars?symbols=AAPL,MSFT,NVDA', { 'accept-encoding': 'gzip' })
    expect(answer.headers.get('content-encoding')).toBe('gzip')
    expect(JSON.parse(await answer.text())).toMatchObject({ bars: { AAPL: expect.anything() } })
  })

  it('answers more than the usage plan allows with 429, when to come again, and a problem document', async () => {
    const answers = await Promise.all(Array.from({ length: 1000 }, () => get('/v1/nothing')))
    const refused = answers.find(({ status }) => status === 429)
    expect([refused?.headers.get('retry-after'), refused?.headers.get('content-type')]).toEqual([
      '1',
      'application/problem+json',
    ])
    expect(await refused?.json()).toMatchObject({ type: 'urn:tickstock:too-many-requests', status: 429 })
  })

  it('measures what requests take', async () => {
    const { api } = await deployment.runtime.functions().then((all) => ({ api: all['tickstock-local-api'] }))
    expect(api).toMatchObject({ errors: 0 })
    expect(api?.invocations).toBeGreaterThan(10)
  })

  it('answers what is longer still, and a body that is too large, with a problem document', async () => {
    const long = await get(`/v1/bars?symbols=${'S,'.repeat(200_000)}`)
    expect([long.status, await long.json()]).toEqual([431, expect.objectContaining({ status: 431 })])
    const large = await fetch(`${deployment.api.url}/v1/bars`, {
      method: 'POST',
      headers: { 'x-api-key': deployment.api.key },
      body: 'x'.repeat(7_000_000),
    })
    expect([large.status, await large.json()]).toEqual([
      413,
      expect.objectContaining({ type: 'urn:tickstock:too-large' }),
    ])
  })
})
