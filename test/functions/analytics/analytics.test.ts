import type { KinesisStreamRecord } from 'aws-lambda'
import { beforeEach, describe, expect, it } from 'vitest'

import { createAnalytics } from '../../../functions/analytics/analytics.ts'
import { createStateCodec } from '../../../functions/analytics/state-codec.ts'
import type { Analysis } from '../../../functions/domain/analysis.ts'
import { ONE } from '../../../functions/domain/decimal.ts'
import { readAnalysis } from '../../../functions/shared/analysis-fields.ts'
import type { BarRecord, SignalRecord } from '../../../functions/shared/records.ts'
import { kinesisRecord } from '../../support/kinesis-event.ts'
import { createMemoryStateStore } from '../../support/memory-state-store.ts'
import { bar } from '../bar-writer/bars.ts'

const NOW = 1_762_795_500_140
const UNLUCKY = 13
const plain = readAnalysis({ indicators: 'sma(2) obv vwap', patterns: 'engulfing', vwapSession: 'UTC 00:00' })

/** An analysis with a fault in one of its functions: it cannot take a close of 13. */
const faulty: Analysis = {
  ...plain,
  indicators: plain.indicators.map((selected) => ({
    ...selected,
    indicator: {
      ...selected.indicator,
      next(state, frame, at) {
        if (frame.bar.close === UNLUCKY * ONE) throw new Error('an indicator cannot take 13')
        selected.indicator.next(state, frame, at)
      },
    },
  })),
}

let signals: SignalRecord[]
let counted: Readonly<Record<string, number>>[]
let noted: Readonly<Record<string, string>>[]
let logged: { readonly message: string; readonly details: Readonly<Record<string, unknown>> }[]

beforeEach(() => {
  signals = []
  counted = []
  noted = []
  logged = []
})

const keep = (message: string, details: Readonly<Record<string, unknown>>) =>
  logged.push({ message, details })
const logger = { warn: keep, error: keep }

function functionOf(analysis: Analysis) {
  const store = createMemoryStateStore(createStateCodec(analysis))
  const sink = async (given: ReadonlyMap<string, readonly SignalRecord[]>) => {
    signals.push(...[...given.values()].flat())
  }
  return createAnalytics(
    { analysis, latenessSeconds: 120, store, sink, now: () => NOW },
    {
      logger,
      count: (counts, notes) => {
        counted.push(counts)
        noted.push(notes)
      },
    },
  )
}

function flat(symbol: string, minute: number, price: number): BarRecord {
  const prices = { open: `${price}`, high: `${price}`, low: `${price}`, close: `${price}`, vwap: `${price}` }
  const timestamp = `2025-11-10T17:${String(minute).padStart(2, '0')}:00Z`
  return bar({ symbol, timestamp, ...prices, volume: '1', closed_at: NOW - 1000 + minute })
}

/** Records of a shard in this order, under their symbols or under a key of its own. */
function recordsOf(bars: readonly (BarRecord | string)[], partitionKey?: string): KinesisStreamRecord[] {
  return bars.map((each, sequence) =>
    kinesisRecord({
      data: typeof each === 'string' ? each : JSON.stringify(each),
      partitionKey: partitionKey ?? (typeof each === 'string' ? 'none' : each.symbol),
      sequence,
      arrivedAt: NOW,
    }),
  )
}

const minutesOf = (symbol: string) =>
  signals.filter((each) => each.symbol === symbol).map(({ timestamp }) => timestamp.slice(14, 16))
const batch = [flat('A', 0, 10), flat('B', 0, UNLUCKY), flat('A', 1, 11), flat('B', 1, 12), flat('C', 1, 12)]

describe('the analytics function', () => {
  it('says of each bar when it was closed, and when its values were calculated', async () => {
    const Records = recordsOf([flat('A', 3, 10), flat('A', 5, 20)])
    expect(await functionOf(plain)({ Records })).toEqual({ batchItemFailures: [] })
    const minute = { type: 'indicators', symbol: 'A', timeframe: '1Min', revision: 1, calculated_at: NOW }
    expect(signals).toEqual([
      {
        ...minute,
        timestamp: '2025-11-10T17:03:00Z',
        closed_at: NOW - 997,
        values: { obv: 1, vwap: 10 },
      },
      {
        ...minute,
        timestamp: '2025-11-10T17:05:00Z',
        closed_at: NOW - 995,
        values: { sma_2: 15, obv: 2, vwap: 15 },
      },
    ])
    expect(counted).toEqual([expect.objectContaining({ BatchesFailed: 0, IndicatorsCalculated: 5 })])
  })

  it('reads decimals to the eighth digit, and the vwap of the trades', async () => {
    const own = { open: '0.00000003', high: '123456.78901234', low: '0.00000001', close: '98765.4321' }
    const Records = recordsOf([bar({ ...own, volume: '0.5', vwap: '7.25' })])
    await functionOf(readAnalysis({ indicators: 'vwap obv sma(2)', patterns: '', vwapSession: 'UTC 00:00' }))(
      {
        Records: [...Records, ...recordsOf([flat('AAPL', 30, 1)])],
      },
    )
    expect(signals.map((each) => each.type === 'indicators' && each.values)).toEqual([
      { obv: 0.5, vwap: 7.25 },
      { obv: -0.5, vwap: (0.5 * 7.25 + 1) / 1.5, sma_2: (98_765.4321 + 1) / 2 },
    ])
  })

  it('notes the last pattern, and counts what it found', async () => {
    const shapes = [
      flat('A', 0, 10),
      { ...flat('A', 1, 10), low: '9', close: '9' },
      { ...flat('A', 2, 10), open: '8', low: '8', close: '12', high: '12' },
    ]
    await functionOf(plain)({ Records: recordsOf(shapes) })
    expect(noted).toEqual([{ lastPattern: 'A engulfing' }])
    expect(counted).toEqual([expect.objectContaining({ PatternsDetected: 1, PatternsWithdrawn: 0 })])
  })

  it('passes over what is no bar, and says so', async () => {
    const Records = recordsOf([flat('A', 0, 10), '{"type":"bar"}', 'poison', flat('A', 1, 11)])
    expect(await functionOf(plain)({ Records })).toEqual({ batchItemFailures: [] })
    expect(minutesOf('A')).toEqual(['00', '01'])
    expect(logged).toEqual([{ message: expect.stringContaining('no bars'), details: { unreadable: 2 } }])
  })
})

describe('with a function that throws for one symbol', () => {
  it('the other symbols of the batch are analysed, and the first bar of that one comes again', async () => {
    const Records = recordsOf(batch)
    const run = functionOf(faulty)
    expect(await run({ Records })).toEqual({
      batchItemFailures: [{ itemIdentifier: Records[1]?.kinesis.sequenceNumber }],
    })
    expect(minutesOf('A')).toEqual(['00', '01'])
    expect(minutesOf('B')).toEqual([])
    expect(minutesOf('C')).toEqual(['01'])
    expect(counted).toEqual([expect.objectContaining({ BatchesFailed: 1 })])
    expect(logged).toEqual([
      {
        message: expect.stringContaining('redelivered'),
        details: expect.objectContaining({ error: new Error('an indicator cannot take 13') }),
      },
    ])
  })

  it('what comes again says nothing anew of the symbols that were analysed', async () => {
    const Records = recordsOf(batch)
    const run = functionOf(faulty)
    await run({ Records })
    signals = []
    await run({ Records: Records.slice(1) })
    expect(signals).toEqual([])
  })

  it('its bar comes again under whatever partition key it lies on the stream', async () => {
    const Records = recordsOf(batch, 'shard')
    expect(await functionOf(faulty)({ Records })).toEqual({
      batchItemFailures: [{ itemIdentifier: Records[1]?.kinesis.sequenceNumber }],
    })
  })
})
