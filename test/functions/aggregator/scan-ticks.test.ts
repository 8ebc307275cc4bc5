import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { encodeTick, RECORD_END, recordStart } from '../../../feed/encode.ts'
import { parseTicks } from '../../../functions/aggregator/parse-ticks.ts'
import { TickScanner } from '../../../functions/aggregator/scan-ticks.ts'

const ORIGIN = { partitionKey: 'BRK.B', arrivedAt: 1_760_106_740_000 }

function scan(text: string) {
  const bytes = Buffer.concat([Buffer.from(text), Buffer.from([0])])
  return new TickScanner().scan(bytes, bytes.length - 1, ORIGIN)
}

const space = fc.constantFrom('', ' ', '\n', '\t ', '  ')
const plainNumber = fc.oneof(
  fc
    .tuple(fc.nat(999_999), fc.nat(99_999_999))
    .map(([whole, part]) => `${whole}.${String(part).padStart(8, '0')}`),
  fc.nat(1_760_106_799).map(String),
  fc.double({ min: 0, max: 1e7, noNaN: true }).map((number) => number.toFixed(4)),
  // Just within and beyond the digits that are kept, and the time that is allowed.
  fc.bigInt(10n ** 14n, 10n ** 19n).map(String),
  fc.integer({ min: 1_760_106_795, max: 1_760_106_805 }).map(String),
  fc.integer({ min: 1_760_106_735_000, max: 1_760_106_735_999 }).map(String),
)
const oddNumber = fc.constantFrom(
  '1e-8',
  '-1',
  '0',
  '007',
  '1.',
  '.5',
  '1.123456789',
  'NaN',
  '1e300',
  'null',
  '"x"',
  '{}',
)
const number = fc.oneof({ weight: 60, arbitrary: plainNumber }, { weight: 1, arbitrary: oddNumber })
const decimal = fc
  .tuple(number, fc.boolean())
  .map(([text, quoted]) => (quoted ? `"${text.replaceAll('"', '')}"` : text))
const tuple = fc
  .tuple(decimal, decimal, decimal, space)
  .map(([a, b, c, gap]) => `[${a}${gap},${gap}${b},${c}${gap}]`)
const key = fc.constantFrom(
  'symbol',
  'price',
  'volume',
  'timestamp',
  'source',
  'sequence',
  'ticks',
  'id',
  'type',
  'sources',
)
const value = (name: string) => {
  if (name === 'symbol')
    return fc.oneof(
      { weight: 9, arbitrary: fc.constant('"BRK.B"') },
      fc.constantFrom('"BRK"', '"BRK.BB"', '7'),
    )
  if (name === 'ticks') return fc.array(tuple, { maxLength: 5 }).map((all) => `[${all.join(',')}]`)
  if (name === 'sequence')
    return fc.constantFrom(
      '812',
      '0',
      '1.5',
      '1.0',
      '"812"',
      '-1',
      '1790000000000000',
      '9007199254740991',
      '9007199254740992',
      '01',
    )
  if (name === 'price' || name === 'volume' || name === 'timestamp') return decimal
  return fc.constantFrom('"feed"', '"a b"', '"\\u0041"', '"ü"', '7', '["x"]', `"${'s'.repeat(65)}"`)
}
const member = key.chain((name) =>
  fc.tuple(value(name), space).map(([text, gap]) => `"${name}"${gap}:${gap}${text}`),
)
const extra = fc.constantFrom(
  '"source":"feed"',
  '"id": "7"',
  '"type":"tick"',
  '"volume":1',
  '"conditions":["@"]',
)
const likely = fc
  .tuple(value('symbol'), decimal, decimal, decimal, fc.array(extra, { maxLength: 1 }))
  .map(([symbol, price, volume, timestamp, more]) => [
    `"symbol":${symbol}`,
    `"price":${price}`,
    `"volume":${volume}`,
    `"timestamp":${timestamp}`,
    ...more,
  ])
const batch = fc
  .tuple(value('symbol'), value('sequence'), value('ticks'), fc.array(extra, { maxLength: 1 }))
  .map(([symbol, sequence, ticks, more]) => [
    `"symbol":${symbol}`,
    `"sequence":${sequence}`,
    `"ticks":${ticks}`,
    ...more,
  ])
const record = fc
  .oneof(likely, batch, fc.array(member, { maxLength: 8 }))
  .chain((members) =>
    fc.tuple(fc.constant(members), space, fc.constantFrom('', '', '', '', '', '', '', '}', ',', 'x')),
  )
  .map(([members, gap, tail]) => `${gap}{${gap}${members.join(`,${gap}`)}${gap}}${gap}${tail}`)

describe('the scanner', () => {
  it('agrees with the careful reader on every record that it reads', () => {
    let read = 0
    fc.assert(
      fc.property(record, (text) => {
        const scanned = scan(text)
        if (scanned === undefined) return
        read++
        expect(scanned).toEqual(parseTicks(text, ORIGIN))
      }),
      { numRuns: 20_000 },
    )
    expect(read).toBeGreaterThan(1000)
  })

  it.each([
    '{"symbol":"BRK.B","price":150.25,"volume":100,"timestamp":1760106735.123}',
    '{"type": "tick", "symbol": "BRK.B", "source": "x", "price": "150.25", "volume": 100, "timestamp": 1760106735}',
    '{"symbol":"BRK.B","source":"replay","sequence":812,"ticks":[[1760106735.123,150.25,100],[1760106736,"0.00000001",0]]}',
    '{"symbol":"BRK.B","price":1,"volume":184467440737.09551615,"timestamp":1760106735.1234567}',
  ])('reads %s', (text) => {
    expect(scan(text)).toEqual(parseTicks(text, ORIGIN))
    expect(scan(text)?.trades.length).toBeGreaterThan(0)
  })

  it("reads the publisher's own records, whose sequence is the time in microseconds", () => {
    const sequence = 1_760_106_735_123_456
    const tick = { symbol: 'BRK.B', timestamp: '1760106735.123', price: '150.25', volume: '100' }
    const start = recordStart({ symbol: 'BRK.B', source: 'synthetic', sequence })
    const text = `${start}${encodeTick(tick)},${encodeTick(tick)}${RECORD_END}`
    expect(scan(text)).toMatchObject({ producer: { source: 'synthetic', sequence }, trades: [{}, {}] })
    expect(scan(text)).toEqual(parseTicks(text, ORIGIN))
  })

  it('reads nothing past the end of a record', () => {
    const text = '{"symbol":"BRK.B","price":150.25,"volume":100,"timestamp":1760106735.123}'
    for (let length = 0; length < text.length; length++) expect(scan(text.slice(0, length))).toBeUndefined()
  })
})
