import { describe, expect, it } from 'vitest'

import { closeOverdue } from '../../../functions/aggregator/close-overdue.ts'
import { aggregate, type AggregatorDeps } from '../../../functions/aggregator/aggregate.ts'
import { partialBatchResponse } from '../../../functions/shared/streams/partial-batch-response.ts'
import { deadLetterKey, type RejectedRecord } from '../../../functions/shared/dead-letters/dead-letters.ts'
import { StateCache } from '../../../functions/minute-state/state-cache.ts'
import { minuteStateCodec } from '../../../functions/minute-state/store.ts'
import { compactRecord } from '../../support/compact-record.ts'
import { kinesisRecord } from '../../support/kinesis-event.ts'
import { ConflictError } from '../../../functions/shared/dynamodb/retry-on-conflict.ts'
import { createMemoryStateStore } from '../../support/memory-state-store.ts'

const T = 1_760_106_720
const CONFLICT = { type: 'conflict', current: undefined } as const
const ARRIVED = (T + 1000) * 1000

/** The parts over a memory store, with what they did in order; `broken` symbols cannot be committed. */
function harness({
  broken = [],
  ...rules
}: { broken?: readonly string[]; lateTrades?: 'refuse'; maxPending?: number } = {}) {
  const did: string[] = []
  const rejected: { kind: string; records: readonly RejectedRecord[] }[] = []
  const store = createMemoryStateStore(minuteStateCodec)
  const parts: AggregatorDeps = {
    store: {
      ...store,
      commit: async (symbol, ...given) => {
        if (broken.includes(symbol)) throw new Error(`no commit of ${symbol}`)
        did.push(`commit ${symbol}`)
        return await store.commit(symbol, ...given)
      },
    },
    sink: async (bars) => void did.push(`emit ${[...bars.keys()].join(' ')}`),
    deadLetters: async (records, kind) => {
      if (records.length === 0) return
      did.push(`reject ${kind}`)
      rejected.push({ kind, records })
    },
    rules: { latenessSeconds: 120, graceMs: 2000, ...rules },
    cache: new StateCache(),
    allowsNonPositive: () => false,
    now: () => ARRIVED,
  }
  return { parts, did, rejected }
}

let placed = 0

/** A record of the ticks at these seconds; a negative one has a bad price. */
function record(symbol: string, ...seconds: readonly number[]) {
  const ticks = seconds.map((second) => [T + Math.abs(second), second < 0 ? '-1' : '10', '1'])
  const data = JSON.stringify({ symbol, ticks })
  return kinesisRecord({ data, partitionKey: symbol, sequence: ++placed, arrivedAt: ARRIVED })
}

describe('a batch of ticks', () => {
  it('is rejected from, then committed, then emitted', async () => {
    const { parts, did } = harness()
    const { totals, rejected, firstFailure } = await aggregate(parts, [
      record('A', 0, -1, 61),
      record('A', 62, 125, 3),
      kinesisRecord({ data: 'no json', partitionKey: 'X', sequence: ++placed, arrivedAt: ARRIVED }),
    ])
    expect(did).toEqual(['reject unreadable', 'reject too-late', 'commit A', 'emit A'])
    expect(totals).toMatchObject({ applied: 4, late: 0, refused: 1, completed: 2, revised: 0 })
    expect([rejected, firstFailure]).toEqual([2, undefined])
  })

  it('dead-letters a record that makes our own code fail, and processes its neighbours', async () => {
    const { parts, did, rejected } = harness()
    const fault = new Error('a fault of the reader')
    const allowsNonPositive = (symbol: string) => {
      if (symbol === 'FAULT') throw fault
      return false
    }
    const records = [record('A', 0), record('FAULT', 0), record('A', -1), record('A', 61)]
    const { totals, unreadable, response } = await aggregate({ ...parts, allowsNonPositive }, records)
    expect(did).toEqual(['reject unreadable', 'commit A', 'emit A'])
    expect([totals.applied, response]).toEqual([2, { batchItemFailures: [] }])
    expect(unreadable).toMatchObject([{ record: records[1], fault }])
    expect(rejected[0]?.records).toMatchObject([
      { record: records[1], rejections: [{ reason: 'fault', index: undefined, tick: undefined }] },
      { record: records[2], rejections: [{ reason: 'bad-price', index: 0 }] },
    ])
  })

  it('reports the first record of a symbol that cannot be committed, and the others are', async () => {
    const { parts, did } = harness({ broken: ['B', 'C'] })
    const records = [record('A', 0), record('B', 0), record('A', 1), record('C', 0), record('B', 1)]
    const { firstFailure, totals } = await aggregate(parts, records)
    expect(firstFailure).toEqual({
      sequenceNumber: records[1]?.kinesis.sequenceNumber,
      error: new Error('no commit of B'),
    })
    expect([did, totals.applied]).toEqual([['commit A'], 2])
    expect(partialBatchResponse({ firstFailure })).toEqual({
      batchItemFailures: [{ itemIdentifier: records[1]?.kinesis.sequenceNumber }],
    })
    expect(partialBatchResponse({ firstFailure: undefined })).toEqual({ batchItemFailures: [] })
  })

  it('rejects the future though the clock of the stream is an hour ahead, at each delivery alike', async () => {
    const { parts, rejected } = harness()
    const hour = 3600
    const ahead = ARRIVED / 1000 - T
    const ofStream = (made: ReturnType<typeof record>) => ({
      ...made,
      kinesis: { ...made.kinesis, approximateArrivalTimestamp: ARRIVED / 1000 + hour },
    })
    const batch = [record('A', ahead), record('A', ahead + 60), record('A', ahead + 61, ahead + hour)]
    for (const deps of [parts, { ...parts, now: () => ARRIVED + 500 }])
      expect(await aggregate(deps, batch.map(ofStream))).toMatchObject({ rejected: 2 })
    expect(rejected.map(({ records }) => records.flatMap(({ rejections }) => rejections))).toMatchObject([
      [
        { reason: 'future', index: 0 },
        { reason: 'future', index: 1 },
      ],
      [
        { reason: 'future', index: 0 },
        { reason: 'future', index: 1 },
      ],
    ])
    // Where the arrival is not ahead, it alone decides, however late the record is read.
    const late = await aggregate({ ...parts, now: () => ARRIVED + hour * 1000 }, [record('A', ahead + 61)])
    expect(late).toMatchObject({ rejected: 1 })
  })

  it('counts nothing twice when it comes again because of another symbol', async () => {
    const broken = ['B']
    const { parts } = harness({ broken })
    const records = [record('B', 0), record('A', 0, 1)]
    await aggregate(parts, records)
    broken.pop()
    const { totals, firstFailure } = await aggregate(parts, records)
    expect(totals).toMatchObject({ applied: 1, duplicates: 2 })
    expect(firstFailure).toBeUndefined()
  })

  it('is taken in parts where it makes more bars than a state can hold, each emitted before the next', async () => {
    const { parts, did } = harness({ maxPending: 2 })
    const { totals } = await aggregate(parts, [record('A', 0, 60, 120, 180, 240), record('A', 300, 360)])
    expect(did).toEqual(['commit A', 'emit A', 'commit A', 'emit A', 'commit A', 'emit A'])
    expect(totals).toMatchObject({ applied: 7, duplicates: 0, completed: 6, conflicts: 0, stale: 0 })
    const { state } = (await parts.store.load(['A'])).get('A') ?? {}
    expect(state).toMatchObject({ shards: [{ taken: 0 }], open: { start: T + 360 } })
  })

  it('is gone on with from the tick at which it was left', async () => {
    const { parts } = harness({ maxPending: 2 })
    const batch = [record('A', 0, 60, 120, 180, 240)]
    const dies = { ...parts, sink: () => Promise.reject(new Error('no stream')) }
    await expect(aggregate(dies, batch)).rejects.toThrow('no stream')
    expect((await parts.store.load(['A'])).get('A')?.state).toMatchObject({ shards: [{ taken: 3 }] })
    const { totals } = await aggregate(parts, batch)
    expect(totals).toMatchObject({ applied: 2, duplicates: 0, completed: 2, reemitted: 2 })
  })

  it('is gone on with from there too when its second part of several was the last to be committed', async () => {
    const { parts } = harness({ maxPending: 2 })
    const batch = [record('A', 0, 60, 120, 180, 240, 300, 360, 420)]
    let emits = 0
    const dies: AggregatorDeps = {
      ...parts,
      sink: async () => {
        if (++emits === 2) throw new Error('no stream')
      },
    }
    await expect(aggregate(dies, batch)).rejects.toThrow('no stream')
    expect((await parts.store.load(['A'])).get('A')?.state).toMatchObject({ shards: [{ taken: 5 }] })
    const { totals } = await aggregate(parts, batch)
    expect(totals).toMatchObject({ applied: 3, duplicates: 0, completed: 3, reemitted: 2 })
    const { state } = (await parts.store.load(['A'])).get('A') ?? {}
    expect(state).toMatchObject({ shards: [{ taken: 0 }], open: { start: T + 420, count: 1 } })
  })

  it.each([
    { conflicts: 20, failure: undefined },
    { conflicts: 21, failure: new ConflictError('the state of A changed under 21 commits in a row') },
  ])('stands $conflicts conflicts at one symbol, or gives up that symbol', async ({ conflicts, failure }) => {
    const { parts } = harness()
    let left = conflicts
    const contended: AggregatorDeps = {
      ...parts,
      store: {
        ...parts.store,
        commit: async (symbol, ...given) =>
          symbol === 'A' && left-- > 0 ? CONFLICT : await parts.store.commit(symbol, ...given),
      },
    }
    const { firstFailure, totals } = await aggregate(contended, [record('A', 0), record('B', 0)])
    expect(firstFailure?.error).toEqual(failure)
    expect(totals).toMatchObject({ applied: failure === undefined ? 2 : 1, conflicts })
  })

  it('counts a state that another instance has gone on from as stale, not as a conflict', async () => {
    const { parts } = harness()
    const other = { ...parts, cache: new StateCache() }
    await aggregate(parts, [record('A', 0)])
    await aggregate(other, [record('A', 1)])
    const { totals } = await aggregate(parts, [record('A', 2)])
    expect(totals).toMatchObject({ applied: 1, stale: 1, conflicts: 0 })
  })

  it('fails as a whole, with nothing committed, when its rejects cannot be written', async () => {
    const { parts, did } = harness()
    const away = { ...parts, deadLetters: () => Promise.reject(new Error('no bucket')) }
    await expect(aggregate(away, [record('A', -1, 0)])).rejects.toThrow('no bucket')
    expect(did).toEqual([])
  })
})

describe('a tick that came too late', () => {
  const lateOf = ({ rejected }: ReturnType<typeof harness>) =>
    rejected.filter(({ kind }) => kind === 'too-late').flatMap(({ records }) => records)

  it('is told with its place in the record, the tick, how late it was and what to do', async () => {
    const run = harness()
    const newest = record('A', 0, 200)
    const late = record('A', -5, 1, -5, 2, 0)
    await aggregate(run.parts, [newest, late])
    const [found] = lateOf(run)
    expect(found?.record).toBe(late)
    expect(found?.rejections).toEqual(
      [
        { index: 1, second: 1, behind: 199 },
        { index: 3, second: 2, behind: 198 },
        { index: 4, second: 0, behind: 200 },
      ].map(({ index, second, behind }) => ({
        reason: 'too-late',
        detail: `the trade is ${behind}.000 s older than the newest trade of A, and its bar is closed; raise the allowed lateness or send it sooner`,
        index,
        tick: `[${T + second},"10","1"]`,
      })),
    )
  })

  it('is told with who took the liquidity, alone and in a batch', async () => {
    const run = harness()
    const newest = record('A', 200)
    const records = [
      { symbol: 'A', price: 1, volume: 2, timestamp: T, side: 'sell' },
      { symbol: 'A', ticks: [[T, 1, 2, null, null, 'buy']] },
    ].map((each) =>
      kinesisRecord({
        data: JSON.stringify(each),
        partitionKey: 'A',
        sequence: ++placed,
        arrivedAt: ARRIVED,
      }),
    )
    await aggregate(run.parts, [newest, ...records])
    expect(lateOf(run).flatMap(({ rejections }) => rejections.map(({ tick }) => tick))).toEqual([
      `[${T},1,2,null,null,"sell"]`,
      `[${T},1,2,null,null,"buy"]`,
    ])
  })

  it('is told as JSON where its record is compact', async () => {
    const run = harness()
    const newest = record('A', 200)
    const made = record('A', 0)
    const data = compactRecord('A', T, ['10', '11']).toString('base64')
    await aggregate(run.parts, [newest, { ...made, kinesis: { ...made.kinesis, data } }])
    const [found] = lateOf(run)
    expect(found?.rejections.map(({ index, tick }) => [index, tick])).toEqual([
      [0, `[${T},10,1]`],
      [1, `[${T},11,1]`],
    ])
  })

  it('keeps its place where its record is taken in parts, and each part has its own object', async () => {
    const run = harness({ maxPending: 2 })
    await aggregate(run.parts, [record('A', 300), record('A', 0, 360, 420, 1, 480)])
    const late = lateOf(run)
    expect(late.map(({ rejections }) => rejections.map(({ index }) => index))).toEqual([[0], [3]])
    expect(new Set(late.map((each) => deadLetterKey([each], 'too-late'))).size).toBe(2)
  })

  it('says that its bar was finalized before the allowed lateness was raised', async () => {
    const run = harness()
    await aggregate(run.parts, [record('A', 0, 600)])
    const raised = { ...run.parts, rules: { ...run.parts.rules, latenessSeconds: 900 } }
    await aggregate(raised, [record('A', 1, 540)])
    expect(lateOf(run).flatMap(({ rejections }) => rejections)).toMatchObject([
      {
        reason: 'finalized',
        detail: expect.stringContaining('finalized before the allowed lateness was raised'),
      },
    ])
  })

  it('says that corrections are off where it would have been corrected otherwise', async () => {
    const run = harness({ lateTrades: 'refuse' })
    await aggregate(run.parts, [record('A', 0, 200), record('A', 150, 1)])
    expect(lateOf(run).flatMap(({ rejections }) => rejections)).toMatchObject([
      { reason: 'corrections-off', detail: expect.stringContaining('turn the flag late-corrections on') },
      { reason: 'too-late' },
    ])
  })
})

/** A batch of the shard that arrived when the grace was over, and longer than what replays get. */
const LATER = { shard: 'shardId-000000000000', arrivedAt: ARRIVED + 60_000 }

describe('an overdue minute that cannot be committed', () => {
  it('is left to the sweeper with a line in the log, and fails nothing', async () => {
    const broken: string[] = []
    const { parts } = harness({ broken })
    await aggregate(parts, [record('A', 0)])
    broken.push('A')
    const logged: string[] = []
    const { completed } = await closeOverdue(parts, LATER, {
      error: (message, error) => void logged.push(`${message}: ${error.message}`),
    })
    expect(completed).toBe(0)
    expect(logged).toEqual(['overdue bars are left to the sweeper: no commit of A'])
  })

  it('is as little a failure when the stream of bars is away', async () => {
    const { parts } = harness()
    await aggregate(parts, [record('A', 0)])
    const away = { ...parts, sink: () => Promise.reject(new Error('no stream')) }
    const logged: string[] = []
    const { completed } = await closeOverdue(away, LATER, {
      error: (_, error) => void logged.push(error.message),
    })
    expect([completed, logged]).toEqual([0, ['no stream']])
  })
})
