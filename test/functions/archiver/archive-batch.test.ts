import type { KinesisStreamRecord } from 'aws-lambda'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { Encoding } from '../../../feed/encode-record.ts'
import { archiveBatch } from '../../../functions/archiver/archive-batch.ts'
import { archivedTrades, spelled } from '../../support/archived.ts'
import { kinesisRecord } from '../../support/kinesis-event.ts'
import { putFile } from '../../support/put-file.ts'
import { tradesPath } from '../../support/trades.ts'
import { fakeKinesis } from '../../feed/fake-kinesis.ts'

const T = 1_760_106_720

const recordOf = (sequence: number, json: unknown, symbol = 'A'): KinesisStreamRecord =>
  kinesisRecord({
    data: typeof json === 'string' ? json : JSON.stringify(json),
    partitionKey: symbol,
    sequence,
    arrivedAt: (T + 7200) * 1000,
  })

/** A bucket in memory, which may fail at some puts. */
function bucket(fails: readonly number[] = []) {
  const objects = new Map<string, Uint8Array>()
  let puts = 0
  const deps = {
    put: async (key: string, bytes: Uint8Array) => {
      if (fails.includes(puts++)) throw new Error('the bucket is away')
      objects.set(key, bytes)
    },
    allowsNonPositive: () => false,
    now: () => (T + 7200) * 1000,
  }
  const rows = async () =>
    (await Promise.all([...objects.values()].map((bytes) => archivedTrades(bytes)))).flat().map(spelled)
  return { objects, deps, rows }
}

/** As readers of the archive tell rows apart. */
const identityOf = ({
  shard,
  sequenceNumber,
  place,
}: {
  shard: string
  sequenceNumber: string
  place: number
}) => `${shard} ${sequenceNumber} ${place}`

/** The gold set as our feed puts it, and what the archiver puts of it. */
async function archivedGold(encoding: Encoding) {
  const stream = fakeKinesis('ticks')
  const file = tradesPath('comex-gc-20131007')
  await putFile(file, { kinesis: stream.kinesis, stream: 'ticks', ticksPerRecord: 500, encoding })
  const records = stream.read().map(({ data, partitionKey }, place) => {
    const made = recordOf(place + 1, '', partitionKey)
    return { ...made, kinesis: { ...made.kinesis, data: Buffer.from(data).toString('base64') } }
  })
  const { deps, objects } = bucket()
  await archiveBatch(deps, records)
  const bytes = records.reduce((sum, { kinesis }) => sum + Buffer.from(kinesis.data, 'base64').length, 0)
  return { objects, bytes }
}

describe('compact records of the gold set', () => {
  it('are archived as those of JSON are, byte by byte, and have 4 bytes a trade', async () => {
    const [json, compact] = [await archivedGold('json'), await archivedGold('compact')]
    expect(compact.objects.size).toBeGreaterThan(20)
    expect([...compact.objects.keys()]).toEqual([...json.objects.keys()])
    for (const [key, object] of compact.objects)
      expect(Buffer.from(object).equals(json.objects.get(key) ?? Buffer.alloc(0))).toBe(true)
    expect(json.bytes / 40_192).toBeGreaterThan(25)
    expect(compact.bytes / 40_192).toBeLessThan(4)
  })
})

describe('a batch of the archiver', () => {
  it('keeps all that a record says, as it says it', async () => {
    const { deps, rows } = bucket()
    const archived = await archiveBatch(deps, [
      recordOf(1, {
        symbol: 'A',
        source: 'sip',
        sequence: 812,
        line: 'Q',
        contiguous: true,
        tape: 3,
        ticks: [
          [`${T}.000000001`, '150.250000000000000001', '1e2', 7, ['@', 'I'], 'sell'],
          [T + 1, 150, 0, 9],
        ],
      }),
      recordOf(2, { symbol: 'A', type: 'cancel', id: 7, timestamp: T, line: 'Q' }),
      recordOf(3, {
        symbol: 'A',
        type: 'correct',
        id: 9,
        timestamp: T + 1,
        line: 'Q',
        price: 151,
        volume: 2,
        side: 'buy',
        was: { price: 150, volume: 0 },
      }),
    ])
    expect(archived).toMatchObject({ objects: 1, trades: 4, unreadable: [] })
    const found = await rows()
    expect(
      found.map((row) => [row.type, row.nanos, row.price, row.volume, row.wasPrice, row.wasVolume]),
    ).toEqual([
      ['cancel', 0, undefined, undefined, undefined, undefined],
      ['trade', 1, '150.250000000000000001', '100', undefined, undefined],
      ['trade', 0, '150', '0', undefined, undefined],
      ['correct', 0, '151', '2', '150', '0'],
    ])
    expect(found[1]).toMatchObject({
      id: 7,
      line: 'Q',
      contiguous: true,
      conditions: '["@","I"]',
      tape: 'C',
      side: 'sell',
      source: 'sip',
      sequence: 812,
      shard: 'shardId-000000000000',
      place: 0,
      arrivedAt: (T + 7200) * 1000,
    })
    expect(found[2]).toMatchObject({ conditions: undefined, side: undefined, place: 1 })
    expect(found[3]).toMatchObject({ type: 'correct', side: 'buy' })
    expect(found[0]).toMatchObject({
      source: undefined,
      contiguous: undefined,
      sequence: undefined,
      line: 'Q',
    })
  })

  it('has an object for each hour in which trades happened, also long ago', async () => {
    const { deps, objects } = bucket()
    await archiveBatch(deps, [
      recordOf(1, {
        symbol: 'A',
        ticks: [
          [T, 1, 1],
          [T + 3600, 1, 1],
        ],
      }),
      recordOf(
        2,
        {
          symbol: 'B',
          ticks: [
            [T - 86_400, 1, 1],
            [T + 1, 1, 1],
          ],
        },
        'B',
      ),
    ])
    expect([...objects.keys()].map((key) => key.split('/').slice(0, 3).join('/')).toSorted()).toEqual([
      'ticks/date=2025-10-09/hour=14',
      'ticks/date=2025-10-10/hour=14',
      'ticks/date=2025-10-10/hour=15',
    ])
  })

  it('leaves what cannot be read to the dead letters, and keeps the places of its neighbours', async () => {
    const { deps, rows } = bucket()
    const good = { symbol: 'A', price: 1, volume: 1, timestamp: T }
    await archiveBatch(deps, [
      recordOf(1, {
        symbol: 'A',
        ticks: [
          [T, -1, 1],
          [T, 2, 1],
          [T, 'x', 1],
          [T, 3, 1],
        ],
      }),
      recordOf(2, 'no JSON'),
      recordOf(3, `${JSON.stringify(good)}\n{"symbol":"A","price":0}\n${JSON.stringify(good)}`),
    ])
    expect(
      (await rows()).map(({ sequenceNumber, place }) => [Number(sequenceNumber.slice(2)), place]),
    ).toEqual([
      [1, 1],
      [1, 3],
      [3, 0],
      [3, 2],
    ])
    const lenient = bucket()
    await archiveBatch({ ...lenient.deps, allowsNonPositive: () => true }, [
      recordOf(1, {
        symbol: 'A',
        ticks: [
          [T, -1, 1],
          [T, 2, 1],
        ],
      }),
    ])
    expect((await lenient.rows()).map(({ place }) => place)).toEqual([0, 1])
  })

  it('writes no object for a batch without a trade', async () => {
    const { deps, objects } = bucket()
    expect(await archiveBatch(deps, [recordOf(1, 'no JSON')])).toMatchObject({ objects: 0, trades: 0 })
    expect(objects.size).toBe(0)
  })

  it('is cut into objects of a bounded number of trades, between records', async () => {
    const { deps, objects, rows } = bucket()
    const records = Array.from({ length: 10 }, (_, sequence) =>
      recordOf(sequence, {
        symbol: 'A',
        ticks: [
          [T, 1, 1],
          [T, 1, 1],
          [T, 1, 1],
        ],
      }),
    )
    await archiveBatch({ ...deps, maxTrades: 5 }, records)
    expect(objects.size).toBe(5)
    expect(await rows()).toHaveLength(30)
  })

  it('has every trade after failures, whatever the batches, and each once by its identity', async () => {
    const trades = fc.array(fc.nat(8000), { minLength: 1, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(
        fc.array(trades, { minLength: 1, maxLength: 12 }),
        fc.array(fc.nat(20), { maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 8 }),
        async (given, fails, sizes) => {
          const { deps, rows } = bucket(fails)
          const records = given.map((times, sequence) =>
            recordOf(sequence, { symbol: 'A', ticks: times.map((time) => [T + time - 4000, 1, 1]) }),
          )
          let done = 0
          for (let delivery = 0; done < records.length; delivery++) {
            // A batch that failed comes again with other records beside.
            const batch = records.slice(done, done + (sizes[delivery % sizes.length] ?? 1))
            try {
              await archiveBatch({ ...deps, maxTrades: 3 }, batch)
              done += batch.length
            } catch {
              // It comes again.
            }
          }
          const put = given.flatMap((times, sequence) => times.map((_, place) => `${sequence} ${place}`))
          const found = (await rows()).map((row) => `${Number(row.sequenceNumber.slice(2))} ${row.place}`)
          expect(new Set(found)).toEqual(new Set(put))
          const distinct = new Map((await rows()).map((row) => [identityOf(row), row]))
          expect(distinct.size).toBe(put.length)
        },
      ),
      { numRuns: 25 },
    )
  })

  it('that comes again overwrites its objects', async () => {
    const { deps, objects, rows } = bucket()
    const records = [0, 1, 2].map((sequence) =>
      recordOf(sequence, {
        symbol: 'A',
        ticks: [
          [T, 1, 1],
          [T, 2, 1],
        ],
      }),
    )
    await archiveBatch(deps, records)
    await archiveBatch(deps, records)
    expect(objects.size).toBe(1)
    expect(await rows()).toHaveLength(6)
  })
})
