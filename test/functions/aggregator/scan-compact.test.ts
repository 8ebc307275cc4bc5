import { crc32 } from 'node:zlib'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { encodeRecord } from '../../../feed/encode-record.ts'
import type { RecordHead } from '../../../feed/encode.ts'
import { createPublisher } from '../../../feed/publisher.ts'
import type { FeedTick } from '../../../feed/tick.ts'
import { parseTrades } from '../../../functions/aggregator/parse-trades.ts'
import { CompactScanner } from '../../../functions/aggregator/scan-compact.ts'
import { TradeBuffer } from '../../../functions/aggregator/trade-buffer.ts'
import { countOf } from '../../../functions/domain/trade.ts'
import { compactToJson } from '../../../functions/shared/streams/compact-reader.ts'
import { isCompact } from '../../../functions/shared/streams/compact-record.ts'
import { decoded } from '../../support/decoded.ts'
import { comparable } from '../../support/trade-texts.ts'

const SYMBOL = 'BRK.B'
const ARRIVAL = { partitionKey: SYMBOL, arrivedAt: 1_760_106_740_000 }
const ORIGIN = { ...ARRIVAL, allowsNonPositive: false }

const compactOf = (ticks: readonly FeedTick[], head: Partial<RecordHead> = {}) =>
  encodeRecord(headOf(head), ticks, { encoding: 'compact', jsonBytes: Infinity })
const jsonRecordOf = (ticks: readonly FeedTick[], head: Partial<RecordHead> = {}) =>
  encodeRecord(headOf(head), ticks, { encoding: 'json', jsonBytes: Infinity })
const headOf = (head: Partial<RecordHead>) => ({ symbol: SYMBOL, source: 'feed', sequence: 812, ...head })

const tick = (rest: Partial<FeedTick> = {}): FeedTick => ({
  symbol: SYMBOL,
  timestamp: '1760106735.123',
  price: '150.25',
  volume: '100',
  ...rest,
})

const decimals = (most: number) =>
  fc
    .tuple(fc.bigInt(0n, 10n ** 15n - 1n), fc.nat(most), fc.bigInt(0n, 10n ** BigInt(most)))
    .map(([whole, scale, part]) =>
      scale === 0 ? `${whole}` : `${whole}.${String(part).padStart(most, '0').slice(0, scale)}`,
    )
const cents = fc.nat(99_999).map((each) => `${150 + (each % 7)}.${String(each % 100).padStart(2, '0')}`)
/** Mostly what a venue sends, so that whole records are read by the fast reader; then anything that is a number. */
const price = fc.oneof(
  { weight: 40, arbitrary: cents },
  { weight: 2, arbitrary: decimals(18) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '0',
      '-1.50',
      '-0',
      '999999999999999',
      '1000000000000000',
      '0.000000000000000001',
    ),
  },
  fc.constantFrom(
    'NaN',
    '1e-7',
    '',
    '.5',
    '1.',
    '+1',
    '0.1000000000000000055511151231257827',
    'abc',
    '1e400',
  ),
)
const volume = fc.oneof(
  { weight: 40, arbitrary: fc.nat(300).map(String) },
  { weight: 2, arbitrary: decimals(18) },
  fc.constantFrom('-1', 'x', '0.0', '1e3'),
)
const timestamp = fc.oneof(
  { weight: 40, arbitrary: fc.nat(9_999_999).map((each) => (1_760_106_730 + each / 1e6).toFixed(6)) },
  { weight: 10, arbitrary: fc.nat(999_999_999).map((each) => `1760106731.${String(each).padStart(9, '0')}`) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '1760106800',
      '1760106800.000000001',
      '1760106735123',
      '12',
      '0',
      '315532800',
      '253402300799',
    ),
  },
  fc.constantFrom('-5', 'soon', '1760106735.1234567891', '1e9', '9'.repeat(15)),
)
const id = fc.option(
  fc.oneof(
    { weight: 40, arbitrary: fc.nat(1000).map(String) },
    fc.constantFrom('0', '9007199254740991', '9007199254740993', '-1', '07'),
  ),
  { nil: undefined },
)
const saleConditions = fc.oneof(
  { weight: 30, arbitrary: fc.constant(undefined) },
  { weight: 10, arbitrary: fc.constantFrom('["@","I"]', '["@"]', '[37]', '[]', 'null', '"@"') },
  fc.constantFrom('["?"]', '{"a":1}', 'no json', '[[1]]'),
)
const side = fc.constantFrom(undefined, undefined, 'buy', 'sell')
const anyTick = fc
  .record({ timestamp, price, volume, id, conditions: saleConditions, side })
  .map(({ id: number, conditions: said, side: taker, ...rest }): FeedTick => ({
    symbol: SYMBOL,
    ...rest,
    ...(number !== undefined && { id: number }),
    ...(said !== undefined && { conditions: said }),
    ...(taker !== undefined && { side: taker }),
  }))
const anyHead = fc.record(
  {
    symbol: fc.constantFrom(SYMBOL, SYMBOL, SYMBOL, SYMBOL, 'MSFT', '', 'Zürich', 'x'.repeat(80)),
    source: fc.constantFrom('feed', 'Börse', 'x'.repeat(64), 'x'.repeat(65)),
    sequence: fc.oneof(fc.nat(), fc.maxSafeNat(), fc.constant(Number.MAX_SAFE_INTEGER)),
    line: fc.constantFrom({ name: 'XNAS', isContiguous: true }, { name: 'by arrival', isContiguous: false }),
    tape: fc.constantFrom('A', 'B', 'C', '3', 'D'),
  },
  { requiredKeys: [] },
)

/** What a record says, with rejections by reason and place: their texts have a number as it was written. */
const meaning = (records: ReturnType<typeof decoded>) =>
  records.map((each) => ({
    ...comparable(each),
    rejections: each.rejections.map(({ reason, index, sentWith }) => ({ reason, index, sentWith })),
  }))

describe('a compact record means what the JSON record of the same trades means:', () => {
  it('any trades, rejected ones with their reasons and places', () => {
    const seen = { plain: 0, careful: 0, json: 0 }
    fc.assert(
      fc.property(
        fc.array(anyTick, { minLength: 1, maxLength: 12 }),
        anyHead,
        fc.boolean(),
        (ticks, head, allowsNonPositive) => {
          const arrival = { ...ARRIVAL, allowsNonPositive }
          const compact = compactOf(ticks, head)
          expect(meaning(decoded(compact, arrival))).toEqual(
            meaning(decoded(jsonRecordOf(ticks, head), arrival)),
          )
          if (!isCompact(compact)) seen.json++
          else if (scan(compact) === undefined) seen.careful++
          else seen.plain++
        },
      ),
      { numRuns: 700 },
    )
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(10)
  })

  it('the fast reader agrees with the careful one on all that it reads', () => {
    let read = 0
    fc.assert(
      fc.property(fc.array(anyTick, { minLength: 1, maxLength: 12 }), anyHead, (ticks, head) => {
        const compact = compactOf(ticks, head)
        const scanned = isCompact(compact) ? scan(compact) : undefined
        if (scanned === undefined) return
        read++
        expect(comparable(scanned)).toEqual(comparable(parseTrades(compactToJson(compact), ORIGIN)))
      }),
      { numRuns: 700 },
    )
    expect(read).toBeGreaterThan(10)
  })

  it('the fast reader reads what a feed puts, whose sequences are times in microseconds', async () => {
    const put: Uint8Array[] = []
    const publisher = createPublisher({
      kinesis: {
        putRecords: async (_, records) => {
          put.push(...records.map(({ data }) => data))
          return { type: 'answered', outcomes: records.map(() => ({ type: 'accepted' })) }
        },
      },
      stream: 'ticks',
      source: 'feed',
      maxTicksPerRecord: 40,
    })
    for (let count = 0; count < 100; count++) await publisher.publish(tick({ id: String(count) }))
    await publisher.close()
    expect(put).toHaveLength(3)
    for (const bytes of put) expect(scan(Buffer.from(bytes))?.producer?.sequence).toBeGreaterThan(1e15)
  })

  it('digits beyond 2^53', () => {
    const ticks = [
      tick({ price: '999999999999999.999999999999999999', volume: '0.000000000000000001' }),
      tick({
        price: '0.000000000000000001',
        volume: '999999999999999.5',
        timestamp: '1760106735.999999999',
        id: '9007199254740991',
      }),
      tick({ timestamp: '315532800', id: '0' }),
    ]
    const compact = compactOf(ticks)
    expect(isCompact(compact)).toBe(true)
    const [record] = decoded(compact, ARRIVAL)
    expect(comparable(record)).toEqual(comparable(parseTrades(jsonRecordOf(ticks).toString(), ORIGIN)))
    expect(comparable(record)?.trades[0]).toBe(
      '1760106735 123000000 999999999999999.999999999999999999 0.000000000000000001 -1 7',
    )
  })

  it('sale conditions, which take updates away', () => {
    const ticks = ['["@"]', '["@","I"]', undefined, '["@","I"]'].map((conditions) =>
      tick(conditions === undefined ? {} : { conditions }),
    )
    const compact = compactOf(ticks, { tape: 'C' })
    expect(comparable(scan(compact))).toEqual(
      comparable(parseTrades(jsonRecordOf(ticks, { tape: 'C' }).toString(), ORIGIN)),
    )
    expect(scan(compact)?.trades.hasUpdates).toBe(true)
  })
})

describe('sides of a compact record', () => {
  const sides = ['buy', undefined, 'sell', 'sell', 'buy', undefined] as const
  const given = sides.map((each) => tick(each === undefined ? {} : { side: each }))

  it('take a quarter of a byte each, are read by both readers, and make it one of version 2', () => {
    const [with_, without] = [compactOf(given), compactOf(sides.map(() => tick()))]
    expect([with_[3], without[3]]).toEqual([2, 1])
    expect(with_.length - without.length).toBe(2)
    expect(scan(with_)?.said.sides).toEqual(Int8Array.of(1, 0, -1, -1, 1, 0))
    expect(comparable(scan(with_))).toEqual(comparable(parseTrades(compactToJson(with_), ORIGIN)))
  })

  it('leave a record without them as it was, byte by byte', () => {
    const plain = compactOf([tick({ id: '7' }), tick({ price: '150.3' })])
    expect(plain.toString('hex')).toBe(
      'ff544b01130542524b2e420466656564ac0603020002efb1a4c706f60100e2ea010a64640f00f2a2e5db',
    )
  })

  it('stay with their trades where another is rejected', () => {
    const [record] = decoded(compactOf([tick({ price: '-1', side: 'sell' }), ...given.slice(0, 3)]), ARRIVAL)
    expect(record?.rejections).toMatchObject([
      { reason: 'bad-price', tick: '[1760106735.123,-1,100,null,null,"sell"]' },
    ])
    expect(record?.said.sides).toEqual(Int8Array.of(1, 0, -1))
  })

  it('that there are not, or of trades that there are not, damage it', () => {
    for (const last of [0b11, 0b1_0000_0000 >> 1]) {
      const damaged = Buffer.from(compactOf(given))
      damaged[damaged.length - 5] = last
      damaged.writeUInt32LE(crc32(damaged.subarray(0, -4)), damaged.length - 4)
      expect(scan(damaged)).toBeUndefined()
      expect(refusalOf(damaged)).toBe('damaged')
    }
  })
})

describe('bad trades of a compact record', () => {
  it('are rejected one by one, as JSON to be read and sent again', () => {
    const ticks = [
      tick(),
      tick({ price: '-1' }),
      tick({ timestamp: '1760106735123' }),
      tick({ volume: '1.5' }),
    ]
    const [record] = decoded(compactOf(ticks, { line: { name: 'XNAS', isContiguous: true } }), ARRIVAL)
    expect(record && countOf(record.trades)).toBe(2)
    const sentWith = { line: 'XNAS', contiguous: true }
    expect(record?.rejections).toMatchObject([
      { reason: 'bad-price', index: 1, tick: '[1760106735.123,-1,100]', sentWith },
      { reason: 'future', index: 2, tick: '[1760106735123,150.25,100]', sentWith },
    ])
  })

  it('cost their neighbours nothing where the record as a whole is wrong', () => {
    expect(decoded(compactOf([tick()], { symbol: 'MSFT' }), ARRIVAL)).toMatchObject([
      { rejections: [{ reason: 'partition-key', index: undefined }] },
    ])
  })
})

describe('a compact record that is damaged', () => {
  const whole = compactOf(
    [tick(), tick({ timestamp: '1760106735.9', price: '150.3', id: '7' }), tick({ conditions: '["@"]' })],
    { tape: 'C', line: { name: 'XNAS', isContiguous: true } },
  )

  it('gives no trade, whichever of its bits is another', () => {
    for (let at = 0; at < whole.length; at++)
      for (let bit = 0; bit < 8; bit++) {
        const damaged = Buffer.from(whole)
        damaged[at] = (damaged[at] ?? 0) ^ (1 << bit)
        expect(refusalOf(damaged)).toMatch(/^(damaged|not-json)$/)
      }
  })

  it('gives no trade, wherever it is cut short or longer', () => {
    for (let length = 4; length < whole.length; length++)
      expect(refusalOf(whole.subarray(0, length))).toBe('damaged')
    expect(refusalOf(Buffer.concat([whole, Buffer.from([0])]))).toBe('damaged')
  })

  it('gives no trade with any bytes in place of its own', () => {
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.uint8Array({ minLength: 1, maxLength: 8 }), (at, bytes) => {
        const damaged = Buffer.from(whole)
        damaged.set(bytes.subarray(0, whole.length - at), at)
        fc.pre(!damaged.equals(whole))
        expect(refusalOf(damaged)).toMatch(/^(damaged|not-json)$/)
      }),
    )
  })

  it('says so, and a version that is not known', () => {
    const other = Buffer.from(whole)
    other[3] = 3
    expect(decoded(other, ARRIVAL)).toMatchObject([{ rejections: [{ reason: 'damaged', tick: undefined }] }])
    expect(decoded(other, ARRIVAL)[0]?.rejections[0]?.detail).toMatch(
      /version 3, and this release reads version 1 and 2; send those, or JSON/,
    )
    expect(decoded(whole.subarray(0, 40), ARRIVAL)[0]?.rejections[0]?.detail).toMatch(
      /its checksum is another; send it whole/,
    )
  })
})

/** Why all of a record is refused. */
function refusalOf(bytes: Uint8Array): string | undefined {
  const [record, ...others] = decoded(bytes, ARRIVAL)
  expect(others).toEqual([])
  expect(record && countOf(record.trades)).toBe(0)
  expect(record?.rejections).toHaveLength(1)
  return record?.rejections[0]?.reason
}

function scan(bytes: Uint8Array) {
  const behind = Buffer.concat([bytes, Buffer.from([0])])
  const scanner = new CompactScanner(new TradeBuffer(0))
  return scanner.scan({ bytes: behind, start: 0, end: bytes.length }, ORIGIN)
}
