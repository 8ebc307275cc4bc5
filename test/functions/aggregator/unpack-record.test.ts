import { gzipSync } from 'node:zlib'

import { describe, expect, it } from 'vitest'

import { createTickParser } from '../../../functions/aggregator/decode.ts'
import { groupTrades } from '../../../functions/aggregator/group-trades.ts'
import { UnpackError, unpackRecord } from '../../../functions/aggregator/unpack-record.ts'
import { parseBatch } from '../../../functions/shared/streams/consume.ts'
import { aggregated } from '../../support/aggregated-record.ts'
import { compactRecord } from '../../support/compact-record.ts'
import { kinesisRecord } from '../../support/kinesis-event.ts'
import { textsOf } from '../../support/trade-texts.ts'

const T = 1_760_106_735
const tick = (symbol: string, second: number, price: string | number = 1) =>
  JSON.stringify({ symbol, ticks: [[T + second, price, 1]] })

const unpack = (bytes: Uint8Array) =>
  unpackRecord({ partitionKey: 'KEY', bytes }).map(({ partitionKey, bytes: inner }) => [
    partitionKey,
    Buffer.from(inner).toString(),
  ])

const BOM = Buffer.from([0xef, 0xbb, 0xbf])

describe('a record holds', () => {
  it.each([
    ['a text', Buffer.from(tick('A', 0)), [['KEY', tick('A', 0)]]],
    [
      'a text with a byte order mark',
      Buffer.concat([BOM, Buffer.from(tick('A', 0))]),
      [['KEY', tick('A', 0)]],
    ],
    [
      'a text over several lines',
      Buffer.from('{"symbol":"A",\n"ticks":[]}\n'),
      [['KEY', '{"symbol":"A",\n"ticks":[]}\n']],
    ],
    [
      'NDJSON',
      Buffer.from(`${tick('A', 0)}\r\n\n${tick('A', 1)}\n`),
      [
        ['KEY', `${tick('A', 0)}\r`],
        ['KEY', tick('A', 1)],
      ],
    ],
    ['gzip', gzipSync(tick('A', 0)), [['KEY', tick('A', 0)]]],
    [
      'gzip of NDJSON with a byte order mark',
      gzipSync(Buffer.concat([BOM, Buffer.from(`${tick('A', 0)}\n${tick('A', 1)}`)])),
      [
        ['KEY', tick('A', 0)],
        ['KEY', tick('A', 1)],
      ],
    ],
    [
      'records of the Kinesis Producer Library, with their own partition keys, one of them compressed',
      aggregated([
        ['A', tick('A', 0)],
        ['B', gzipSync(tick('B', 0))],
        ['A', tick('A', 1)],
      ]),
      [
        ['A', tick('A', 0)],
        ['B', tick('B', 0)],
        ['A', tick('A', 1)],
      ],
    ],
    ['a long record of that library', aggregated([['A', 'x'.repeat(70_000)]]), [['A', 'x'.repeat(70_000)]]],
  ])('%s', (_name, bytes, expected) => {
    expect(unpack(bytes)).toEqual(expected)
  })

  it.each([
    ['gzip that is cut short', gzipSync(tick('A', 0)).subarray(0, 20), /cannot be decompressed/],
    ['gzip of more than ten megabytes', gzipSync(Buffer.alloc(11 * 1024 * 1024)), /cannot be decompressed/],
    [
      'records that together are more than ten megabytes',
      aggregated([1, 2, 3].map((key) => [String(key), gzipSync(Buffer.alloc(4 * 1024 * 1024))])),
      /cannot be decompressed/,
    ],
    [
      'gzip in gzip in gzip, without an end',
      Array.from({ length: 9 }).reduce<Uint8Array>((inner) => gzipSync(inner), Buffer.from('{}')),
      /packed more than/,
    ],
    [
      'an aggregate with another MD5',
      Buffer.concat([aggregated([['A', 'x']]).subarray(0, -1), Buffer.from([0])]),
      /MD5/,
    ],
    ['millions of texts in ten kilobytes', gzipSync('{}\n'.repeat(3_400_000)), /more than 100000 texts/],
    [
      'texts that are too many only together',
      aggregated([1, 2, 3].map((key) => [String(key), gzipSync('{}\n'.repeat(40_000))])),
      /more than 100000 texts/,
    ],
    ['an aggregate of nothing but its beginning', Buffer.from([0xf3, 0x89, 0x9a, 0xc2, 1]), /MD5/],
  ])('%s: that is damaged', (_name, bytes, says) => {
    expect(() => unpack(bytes)).toThrow(UnpackError)
    expect(() => unpack(bytes)).toThrow(says)
  })
})

function decode(...payloads: readonly (Uint8Array | string)[]) {
  const records = payloads.map((payload, sequence) => {
    const made = kinesisRecord({ data: '', partitionKey: 'A', sequence, arrivedAt: (T + 60) * 1000 })
    return { ...made, kinesis: { ...made.kinesis, data: Buffer.from(payload).toString('base64') } }
  })
  return groupTrades(
    parseBatch(
      records,
      createTickParser(records, () => false),
    ).readable,
  )
}

describe('a batch with packed records', () => {
  it('has the trades of all of them, those of a symbol in a record as parts of that record', () => {
    const { runs, rejected } = decode(
      tick('A', 0),
      aggregated([
        ['A', tick('A', 1)],
        ['B', tick('B', 2)],
        ['A', tick('A', 3)],
      ]),
      `${tick('A', 4)}\n${tick('A', 5)}\n`,
    )
    expect(rejected).toEqual([])
    const told = [...runs].map(([symbol, ofSymbol]) => [
      symbol,
      ofSymbol.map((run) => [textsOf(run.trades).length, run.skipped, run.isLast]),
    ])
    expect(told).toEqual([
      [
        'A',
        [
          [1, 0, true],
          [1, 0, false],
          [1, 1, true],
          [1, 0, false],
          [1, 1, true],
        ],
      ],
      ['B', [[1, 0, true]]],
    ])
  })

  it('may have compact records in each of them, and rejects what is bad in those at its place', () => {
    const compact = (...prices: readonly string[]) => compactRecord('A', T, prices)
    const { runs, rejected } = decode(
      gzipSync(compact('1', '2')),
      aggregated([
        ['A', compact('3', '-4')],
        ['A', tick('A', 0, 5)],
        ['A', compact('6')],
      ]),
      aggregated([
        ['A', compact('7')],
        ['A', compact('8').subarray(0, -1)],
      ]),
    )
    expect(runs.get('A')?.flatMap(({ trades }) => textsOf(trades).map((text) => text.split(' ')[2]))).toEqual(
      ['1', '2', '3', '5', '6'],
    )
    expect(
      rejected.map(({ rejections }) => rejections.map((each) => [each.reason, each.index, each.tick])),
    ).toEqual([[['bad-price', 1, `[${T},-4,1]`]], [['damaged', undefined, undefined]]])
  })

  it('holds no more compact records than would be ten megabytes of JSON', () => {
    const large = compactRecord(
      'A',
      T,
      Array.from({ length: 90_000 }, (_, index) => `${1 + (index % 2)}`),
    )
    expect(unpack(aggregated(Array.from({ length: 3 }, () => ['A', large])))).toHaveLength(3)
    expect(() => unpack(aggregated(Array.from({ length: 4 }, () => ['A', large])))).toThrow(
      /compact records of more than 1048576 bytes/,
    )
  })

  it('rejects what is bad in them at its place, records within a record with their own text, and takes the rest', () => {
    const ticks = JSON.stringify({
      symbol: 'A',
      ticks: [
        [T, 1, 1],
        [T, -1, 1],
        [T, 2, 1],
      ],
    })
    const { runs, rejected } = decode(
      `${ticks}\n{"symbol":"A"}\n${ticks}\n`,
      gzipSync(tick('A', 0)).subarray(0, 20),
    )
    expect(
      rejected.map(({ rejections }) =>
        rejections.map(({ reason, index: place, tick: text }) => [reason, place, text]),
      ),
    ).toEqual([
      [
        ['bad-price', 1, `[${T},-1,1]`],
        ['wrong-shape', undefined, '{"symbol":"A"}'],
        ['bad-price', 5, `[${T},-1,1]`],
      ],
      [['damaged', undefined, undefined]],
    ])
    expect(runs.get('A')?.flatMap(({ trades }) => textsOf(trades))).toHaveLength(4)
  })

  it('loses no good trade to a NaN or null beside it', () => {
    for (const bad of ['NaN', 'null', 'Infinity', '-Infinity']) {
      const { runs, rejected } = decode(`{"symbol":"A","ticks":[[${T},10,1],[${T},${bad},1],[${T},12,1]]}`)
      expect(rejected.flatMap(({ rejections }) => rejections.map(({ index: place }) => place))).toEqual([1])
      expect(runs.get('A')?.flatMap(({ trades }) => textsOf(trades))).toHaveLength(2)
    }
  })
})
