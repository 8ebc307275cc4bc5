import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { encodeTick, RECORD_END, recordStart } from '../../../feed/encode.ts'
import { parseTrades } from '../../../functions/aggregator/parse-trades.ts'
import { TradeScanner } from '../../../functions/aggregator/scan-trades.ts'
import { TradeBuffer } from '../../../functions/aggregator/trade-buffer.ts'
import { countOf } from '../../../functions/domain/trade.ts'
import { expectEqual } from '../../support/expect-equal.ts'
import { comparable } from '../../support/trade-texts.ts'

const ORIGIN = { partitionKey: 'BRK.B', arrivedAt: 1_760_106_740_000, allowsNonPositive: false }
/** One for all records, as in a batch. */
const scanner = new TradeScanner(new TradeBuffer(0))

/** What lies behind a record: as little as may, so that no four bytes are read at once, or the next records. */
const BEHIND = [
  '\0',
  '5'.repeat(300),
  '{"symbol":"BRK.B","price":1,"volume":1,"timestamp":1760106735}'.repeat(5),
]

/** What the scanner makes of a record, which must not depend on what lies behind it. */
function scan(text: string, origin = ORIGIN) {
  const [scanned, ...others] = BEHIND.map((behind) => {
    const bytes = Buffer.from(text + behind)
    return scanner.scan({ bytes, start: 0, end: bytes.length - behind.length }, origin)
  })
  for (const other of others) expectEqual(comparable(other), comparable(scanned))
  return scanned
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
  '-37.63',
  '-0',
  '-0.000000000000001',
  '-123456789012345',
  '0.123456789012345',
  '1234567.12345678',
  '12345678901234.12',
  '0.1234567890123456',
  '0.000000000000000001',
  '100.000000000000000000000',
  '4503599627370496',
  '9007199254740993',
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
const number = fc.oneof({ weight: 25, arbitrary: plainNumber }, { weight: 1, arbitrary: oddNumber })
const decimal = fc
  .tuple(number, fc.boolean())
  .map(([text, quoted]) => (quoted ? `"${text.replaceAll('"', '')}"` : text))
const idNumber = fc.oneof(
  { weight: 5, arbitrary: fc.nat(50).map(String) },
  fc.constantFrom('0', '9007199254740991', '9007199254740992', '-1', '07', '1.0', '"7"', 'null', '1e3'),
)
/** The time mostly one that is allowed, or nothing would be read. */
const time = fc.oneof(
  {
    weight: 30,
    arbitrary: fc
      .tuple(
        fc.integer({ min: 1_760_106_735, max: 1_760_106_739 }),
        fc.constantFrom('', '.5', '.123456789', '.0'),
      )
      .map((parts) => parts.join('')),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('0', '1763978.4', '315532799', '315532800', '-1', '1760106735.1234567891'),
  },
)
const side = fc.constantFrom('"buy"', '"sell"', 'null', '"Buy"', '"b\\u0075y"', '1', '"buy"1')
const behindId = fc.oneof(
  fc.constantFrom('', '', '', '', ',null', ', null', ',["@"]', ',null,null,null'),
  fc.tuple(space, side).map(([gap, each]) => `,${gap}null${gap},${gap}${each}`),
)
const tuple = fc
  .tuple(
    fc.oneof({ weight: 9, arbitrary: time }, decimal),
    decimal,
    decimal,
    space,
    fc.option(fc.tuple(idNumber, behindId)),
  )
  .map(
    ([a, b, c, gap, more]) =>
      `[${a}${gap},${gap}${b},${c}${gap}${more === null ? '' : `,${gap}${more[0]}${more[1]}`}${gap}]`,
  )
const key = fc.constantFrom(
  'symbol',
  'price',
  'volume',
  'timestamp',
  'source',
  'sequence',
  'ticks',
  'id',
  'line',
  'contiguous',
  'tape',
  'type',
  'side',
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
  if (name === 'id') return idNumber
  if (name === 'side') return side
  if (name === 'contiguous') return fc.constantFrom('true', 'false', ' true', 'truex', 'tru', '1', 'null')
  if (name === 'price' || name === 'volume' || name === 'timestamp') return decimal
  return fc.constantFrom('"feed"', '"a b"', '"\\u0041"', '"ü"', '7', '["x"]', `"${'s'.repeat(65)}"`)
}
const member = key.chain((name) =>
  fc.tuple(value(name), space).map(([text, gap]) => `"${name}"${gap}:${gap}${text}`),
)
const extra = fc.constantFrom(
  '"source":"feed"',
  '"source":"feed","line":"XNAS","contiguous":true',
  '"line": "", "contiguous": false',
  '"line":"Börse"',
  '"contiguous":true',
  '"id": "7"',
  '"id": 7',
  '"type":"trade"',
  '"type":"tick"',
  '"volume":1',
  '"side":"buy"',
  '"side": "sell"',
  '"conditions":["@"]',
)
const likely = fc
  .tuple(value('symbol'), decimal, decimal, time, fc.array(extra, { maxLength: 2 }))
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
    let withIds = 0
    let withSides = 0
    fc.assert(
      fc.property(record, fc.boolean(), (text, allowsNonPositive) => {
        const origin = { ...ORIGIN, allowsNonPositive }
        const scanned = scan(text, origin)
        if (scanned === undefined) return
        read++
        if (scanned.trades.hasIds) withIds++
        if (scanned.said.sides !== undefined) withSides++
        expectEqual(comparable(scanned), comparable(parseTrades(text, origin)))
      }),
      { numRuns: 20_000 },
    )
    expect(read).toBeGreaterThan(1000)
    expect(withIds).toBeGreaterThan(100)
    expect(withSides).toBeGreaterThan(100)
  })

  it.each([
    '{"symbol":"BRK.B","price":150.25,"volume":100,"timestamp":1760106735.123}',
    '{"symbol": "BRK.B", "source": "x", "price": "150.25", "volume": 100, "timestamp": 1760106735}',
    '{"symbol":"BRK.B","source":"replay","sequence":812,"ticks":[[1760106735.123,150.25,100],[1760106736,"0.00000001",0]]}',
    '{"symbol":"BRK.B","price":1,"volume":184467440737.095,"timestamp":1760106735.1234567,"id":9007199254740991}',
    '{"symbol":"BRK.B","line":"XNAS","contiguous":true,"ticks":[[1760106735,1,1,7],[1760106735,1,1],[1760106736,0.12345678901234,1,8]]}',
  ])('reads %s', (text) => {
    const scanned = scan(text)
    expect(comparable(scanned)).toEqual(comparable(parseTrades(text, ORIGIN)))
    expect(scanned && countOf(scanned.trades)).toBeGreaterThan(0)
  })

  it.each([
    '{"symbol":"BRK.B","price":-37.63,"volume":100,"timestamp":1587400080}',
    '{"symbol":"BRK.B","ticks":[[1587400080,0.02,1],[1587400081,-0.01,2],[1587400082,0,3],[1587400083,-0,3]]}',
  ])('reads %s where prices may be zero or below', (text) => {
    expect(scan(text)).toBeUndefined()
    const origin = { ...ORIGIN, allowsNonPositive: true }
    const scanned = scan(text, origin)
    expect(comparable(scanned)).toEqual(comparable(parseTrades(text, origin)))
    expect(scanned && countOf(scanned.trades)).toBeGreaterThan(0)
  })

  it.each([
    '{"symbol":"BRK.B","price":184467440737.09551615,"volume":1,"timestamp":1760106735}',
    '{"symbol":"BRK.B","ticks":[[1760106735,999999999999999,1],[1760106735,0.01,1]]}',
    '{"symbol":"BRK.B","tape":"A","ticks":[[1760106735,1,1,5,["@"]]]}',
    '{"symbol":"BRK.B","type":"cancel","id":7,"timestamp":1760106735}',
  ])('leaves %s to the careful reader, which reads it', (text) => {
    expect(scan(text)).toBeUndefined()
    expect(parseTrades(text, ORIGIN).rejections).toEqual([])
  })

  it("reads the publisher's own records, whose sequence is the time in microseconds", () => {
    const sequence = 1_760_106_735_123_456
    const tick = { symbol: 'BRK.B', timestamp: '1760106735.123', price: '150.25', volume: '100' }
    const start = recordStart({ symbol: 'BRK.B', source: 'synthetic', sequence })
    const text = `${start}${encodeTick(tick)},${encodeTick(tick)}${RECORD_END}`
    expect(scan(text)).toMatchObject({ producer: { source: 'synthetic', sequence } })
    expect(comparable(scan(text))?.trades).toHaveLength(2)
    expect(comparable(scan(text))).toEqual(comparable(parseTrades(text, ORIGIN)))
  })

  it('reads nothing past the end of a record', () => {
    const text = '{"symbol":"BRK.B","price":150.25,"volume":100,"timestamp":1760106735.123}'
    for (let length = 0; length < text.length; length++) expect(scan(text.slice(0, length))).toBeUndefined()
  })
})
