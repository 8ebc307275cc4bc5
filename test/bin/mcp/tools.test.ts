import { describe, expect, it } from 'vitest'

import { TOOLS } from '../../../bin/mcp/tools.ts'
import { ENDPOINTS } from '../../../functions/api/endpoints.ts'
import { cited, readPage } from '../../docs/page.ts'

/** Arguments with every name that a tool has. */
const EVERYTHING: Readonly<Record<string, unknown>> = {
  symbol: 'BTC/USD',
  symbols: ['AAPL', 'BTC/USD'],
  timeframe: '5Min',
  tz: 'America/New_York',
  adjustment: 'all',
  start: '2025-11-10',
  end: '2025-11-11',
  asof: '2025-11-12T00:00:00Z',
  sort: 'desc',
  session: 'regular',
  fill: 'zero',
  where: 'close > 1',
  text: 'usd',
  at: '2025-11-10',
  order: 'volume',
  limit: 7,
  page_token: 'token',
  names: ['rsi_14', 'sma_50'],
  types: ['doji'],
  min_confidence: 0.7,
  top: 5,
}

/** Resources that another tool covers. */
const COVERED = new Set(['/v1/bars/{symbol}', '/v1/breadth'])

describe('the tools', () => {
  const questions = TOOLS.map(({ name, input, question }) => {
    const names = Object.keys(input.shape)
    const given = Object.fromEntries(names.map((each) => [each, EVERYTHING[each]]))
    return { name, names, ...question(given) }
  })
  const patternOf = (path: string) => new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`)
  const endpointOf = (path: string) => ENDPOINTS.find((endpoint) => patternOf(endpoint.path).test(path))

  it.each(questions)('$name asks a resource that there is, with parameters that it has', (asked) => {
    const { path, query, limit, names } = asked
    const endpoint = endpointOf(path)
    const known = Object.keys(endpoint?.parameters.shape ?? {})
    const sent = Object.entries({ ...query, limit }).flatMap(([key, value]) =>
      value === undefined ? [] : [key],
    )
    expect(sent.filter((key) => !known.includes(key))).toEqual([])
    expect(names.filter((key) => key !== 'symbol' && !sent.includes(key))).toEqual([])
  })

  it('cover every resource', () => {
    const asked = new Set(questions.map(({ path }) => endpointOf(path)?.path))
    expect(
      ENDPOINTS.map(({ path }) => path).filter((path) => !asked.has(path) && !COVERED.has(path)),
    ).toEqual([])
  })

  it('refuse what they do not know, rather than answer as if it were not there', () => {
    for (const { input, question } of TOOLS) {
      const given = Object.fromEntries(Object.keys(input.shape).map((each) => [each, EVERYTHING[each]]))
      expect(() => question({ ...given, adjusted: true })).toThrow(/adjusted/)
    }
  })

  it('are those of docs/mcp.md', () => {
    const page = { file: 'docs/mcp.md', text: readPage('docs/mcp.md') }
    const listed = cited(/^\| `(\w+)`/gm, [page]).map(({ name }) => name)
    expect(listed).toEqual(TOOLS.map(({ name }) => name))
  })
})
