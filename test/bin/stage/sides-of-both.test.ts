import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, it } from 'vitest'

import { foldFilesInto } from '../../../bin/direct/fold-files.ts'
import { OtherFold } from '../../../bin/direct/other-fold.ts'
import { archivedBars } from '../../../bin/stage/archived-bars.ts'
import { archiveTrades } from '../../../bin/stage/archive-trades.ts'
import { gatherTrades } from '../../../bin/stage/gather-trades.ts'
import type { Encoding } from '../../../feed/encode-record.ts'
import { archiveBatch } from '../../../functions/archiver/archive-batch.ts'
import type { OtherBar } from '../../../functions/domain/other-bars/other-bar.ts'
import { createHourReaders } from '../../../functions/rebuilder/symbol-hour.ts'
import { fakeKinesis } from '../../feed/fake-kinesis.ts'
import { MemoryBucket } from '../../functions/compactor/memory-bucket.ts'
import { kinesisRecord } from '../../support/kinesis-event.ts'
import { kindOf } from '../../support/other-bars.ts'
import { putFile } from '../../support/put-file.ts'
import { QUIET_READING } from '../../support/quiet-reading.ts'

const START = 1_760_106_720
const END = START + 7200

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickstock-sides-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Trades of an hour and a half, several at a moment; the side of each follows from its place, and some have none. */
const places = Array.from({ length: 900 }, (_, place) => place)
const secondsOf = (place: number): number => START + 6 * place - (place % 3 === 0 ? 0 : 6 * (place % 3))
const priceOf = (place: number): string => (100 + ((place * 7) % 41) / 8).toString()
const isBuy = (place: number): boolean => (place * place) % 7 < 3

const FILES: Readonly<Record<string, readonly string[]>> = {
  'BTCUSDT-trades-2025-10-10.csv': [
    'id,price,qty,quote_qty,time,is_buyer_maker',
    ...places.map((at) =>
      [at + 5, priceOf(at), 1 + (at % 4), 1, `${secondsOf(at)}000`, !isBuy(at)].join(','),
    ),
  ],
  'tardis.csv': [
    'exchange,symbol,timestamp,local_timestamp,id,side,price,amount',
    ...places.map((at) =>
      [
        'deribit',
        'BTCUSDT',
        `${secondsOf(at)}000000`,
        `${secondsOf(at)}000001`,
        `t${at}`,
        at % 10 === 0 ? 'unknown' : isBuy(at) ? 'buy' : 'sell',
        priceOf(at),
        1 + (at % 4),
      ].join(','),
    ),
  ],
}
const KINDS = [
  '1Min',
  'volume:30',
  'imbalance:tick:9',
  'imbalance:dollar:2000',
  'heikin-ashi:imbalance:volume:12',
]

function fileOf(name: string): string {
  const file = join(folder, name)
  writeFileSync(file, `${FILES[name]?.join('\n')}\n`)
  return file
}

const runs = (): string => mkdtempSync(join(folder, 'runs-'))

async function barsOfFile(file: string, kind: string): Promise<OtherBar[]> {
  const found: OtherBar[] = []
  await foldFilesInto([file], {
    ...QUIET_READING,
    read: { sides: true },
    folder: runs(),
    now: END * 1000,
    createFold: (symbol) =>
      new OtherFold(symbol, {
        kind: kindOf(kind),
        side: 'venue',
        onBars: (_of, bars) => found.push(...bars),
      }),
    onSort: () => {
      found.length = 0
    },
  })
  return found
}

async function barsOfBucket(bucket: MemoryBucket, kind: string): Promise<OtherBar[]> {
  const archive = createHourReaders(bucket)
  const options = { symbols: ['BTCUSDT'], from: START - 3600, to: END, side: 'venue' } as const
  const found: OtherBar[] = []
  for await (const { bars } of archivedBars(archive, { ...options, kind: kindOf(kind) })) found.push(...bars)
  return found
}

/** What the archiver makes of a file that is put on the stream. */
async function archived(file: string, encoding: Encoding): Promise<MemoryBucket> {
  const bucket = new MemoryBucket()
  const stream = fakeKinesis('ticks')
  await putFile(file, { kinesis: stream.kinesis, stream: 'ticks', ticksPerRecord: 70, encoding })
  const records = stream
    .read()
    .map(({ data, partitionKey }, sequence) =>
      kinesisRecord({ data, partitionKey, sequence, arrivedAt: END * 1000 }),
    )
  const deps = {
    put: (key: string, bytes: Uint8Array) => bucket.put(key, bytes),
    allowsNonPositive: () => false,
    now: () => END * 1000,
  }
  await archiveBatch(deps, records.slice(0, 5))
  await archiveBatch(deps, records.slice(3))
  return bucket
}

const barsOfKinds = async (barsOf: (kind: string) => Promise<OtherBar[]>) =>
  await Promise.all(KINDS.map(async (kind) => [kind, await barsOf(kind)] as const))

it.each(Object.keys(FILES))(
  'bars of the archive are those of %s, with the volumes of its sides',
  async (name) => {
    const file = fileOf(name)
    const expected = await barsOfKinds((kind) => barsOfFile(file, kind))
    for (const [kind, bars] of expected) {
      expect([kind, bars.length > 10]).toEqual([kind, true])
      expect(bars.some(({ buyVolume, sellVolume }) => buyVolume !== '0' && sellVolume !== '0')).toBe(true)
    }
    for (const encoding of ['json', 'compact'] as const) {
      const bucket = await archived(file, encoding)
      expect(bucket.objects.size).toBeGreaterThan(2)
      expect(await barsOfKinds((kind) => barsOfBucket(bucket, kind))).toEqual(expected)
      expect((await bucket.compact()).merged).toBeGreaterThan(0)
      expect(await barsOfKinds((kind) => barsOfBucket(bucket, kind))).toEqual(expected)
    }
    const bucket = new MemoryBucket()
    const read = { sides: true }
    await archiveTrades(await gatherTrades([file], { read, folder: runs(), check: () => undefined }), bucket)
    expect(await barsOfKinds((kind) => barsOfBucket(bucket, kind))).toEqual(expected)
  },
)
