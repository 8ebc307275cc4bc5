import type { KinesisStreamRecord } from 'aws-lambda'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { analyseBars, type AnalyticsDeps } from '../../../functions/analytics/analyse-bars.ts'
import { toRevisedBar } from '../../../functions/analytics/revised-bar.ts'
import { createStateCodec, startSymbol } from '../../../functions/analytics/state-codec.ts'
import { nameValues } from '../../../functions/domain/analysis.ts'
import { BarFold } from '../../../functions/domain/signals.ts'
import { readAnalysis } from '../../../functions/shared/runtime/analysis-fields.ts'
import type {
  BarRecord,
  IndicatorsRecord,
  PatternsRecord,
  SignalRecord,
} from '../../../functions/shared/streams/records.ts'
import { type Fault, meetFault } from '../../support/faults.ts'
import { kinesisRecord } from '../../support/kinesis-event.ts'
import { createMemoryStateStore } from '../../support/memory-state-store.ts'
import { DEFAULT_PATTERNS } from '../../../functions/domain/patterns/table.ts'

const LATENESS = { latenessSeconds: 120 }
const T = 1_760_106_720
const SYMBOLS = ['A', 'B'] as const
const analysis = readAnalysis({
  indicators: 'sma(3) ema(4) rsi(3) macd(2,4,3) bollinger(4,2) atr(3) adx(3) stochastic(4,2,2) obv vwap',
  patterns: DEFAULT_PATTERNS,
  vwapAnchor: 'UTC 00:00',
})
const shapeArbitrary = fc.record({
  open: fc.integer({ min: 95, max: 105 }),
  close: fc.integer({ min: 95, max: 105 }),
  above: fc.nat(4),
  below: fc.nat(4),
  volume: fc.nat(9),
})
type Shape = typeof shapeArbitrary extends fc.Arbitrary<infer Value> ? Value : never
/** What the aggregator may do next with a symbol: close a later minute, or a minute that is still correctable again. */
const eventsArbitrary = fc.array(
  fc.record({
    symbol: fc.constantFrom(...SYMBOLS),
    step: fc.oneof(
      { weight: 5, arbitrary: fc.integer({ min: 1, max: 2 }) },
      fc.integer({ min: -2, max: 0 }),
      fc.integer({ min: 3, max: 40 }),
    ),
    shape: shapeArbitrary,
    /** Where the minute has a bar: whether it is withdrawn rather than corrected. */
    withdraws: fc.constantFrom(false, false, true),
    /** How often it lies on the stream: a writer of unknown fate puts again. */
    puts: fc.constantFrom(1, 1, 1, 2),
  }),
  { minLength: 15, maxLength: 70, size: 'max' },
)
const stepsArbitrary = fc.array(
  fc.record({
    count: fc.integer({ min: 1, max: 8 }),
    to: fc.constantFrom('one', 'both'),
    again: fc.constantFrom(0, 0, 1, 4),
  }),
  { maxLength: 30, size: 'max' },
)
const faultsArbitrary = fc.array(fc.constantFrom<Fault>('none', 'none', 'none', 'before', 'after'), {
  maxLength: 40,
  size: 'max',
})

function barRecord(
  symbol: string,
  start: number,
  { revision, shape, withdrawn }: { revision: number; shape: Shape; withdrawn: boolean },
): BarRecord {
  const { open, close, above, below, volume } = shape
  return {
    type: 'bar',
    symbol,
    timestamp: new Date(start * 1000).toISOString().replace('.000Z', 'Z'),
    timeframe: '1Min',
    revision,
    open: String(open),
    high: String(Math.max(open, close) + above),
    low: String(Math.min(open, close) - below),
    close: String(close),
    volume: withdrawn ? '0' : String(volume),
    notional: withdrawn ? '0' : String(close * volume),
    vwap: withdrawn || volume === 0 ? null : String(close),
    trade_count: withdrawn ? 0 : 1,
    complete: null,
    withdrawn,
    source: null,
    closed_at: start * 1000 + 60_000,
  }
}

/** The stream `bars` as the aggregator would write it, and the last revision of each minute. */
function streamOf(events: typeof eventsArbitrary extends fc.Arbitrary<infer Value> ? Value : never) {
  const newest = new Map<string, number>()
  const last = new Map<string, BarRecord>()
  const stream: BarRecord[] = []
  for (const { symbol, step, shape, withdraws, puts } of events) {
    const before = newest.get(symbol) ?? T
    const start = Math.max(T, before + 60 * step)
    newest.set(symbol, Math.max(before, start))
    const key = `${symbol} ${start}`
    const known = last.get(key)
    const withdrawn = withdraws && known?.withdrawn === false
    const record = barRecord(symbol, start, { revision: (known?.revision ?? 0) + 1, shape, withdrawn })
    last.set(key, record)
    for (let put = 0; put < puts; put++) stream.push(record)
  }
  return { stream, last }
}

type Rows = { readonly indicators: Map<string, IndicatorsRecord>; readonly patterns: Map<string, Row> }
type Row = { readonly revision: number; readonly said: PatternsRecord['patterns'][number] | undefined }

/** What the bar-writer makes of records, in any order: the highest revision's word stands. */
function rowsOf(records: readonly SignalRecord[]): Rows {
  const indicators = new Map<string, IndicatorsRecord>()
  const patterns = new Map<string, Row>()
  const keep = (key: string, row: Row): void => {
    if (row.revision > (patterns.get(key)?.revision ?? 0)) patterns.set(key, row)
  }
  for (const record of records) {
    const key = `${record.symbol} ${record.timestamp}`
    const { revision } = record
    if (record.type === 'indicators') {
      if (revision > (indicators.get(key)?.revision ?? 0)) indicators.set(key, record)
      continue
    }
    for (const found of record.patterns) keep(`${key} ${found.pattern_type}`, { revision, said: found })
    for (const name of record.withdrawn) keep(`${key} ${name}`, { revision, said: undefined })
  }
  return { indicators, patterns }
}

class World {
  readonly signals: SignalRecord[] = []
  #checkpoint = 0
  readonly #faults: Fault[]
  readonly #stream: readonly KinesisStreamRecord[]
  readonly #store = createMemoryStateStore(createStateCodec(analysis))

  constructor(stream: readonly BarRecord[], faults: readonly Fault[]) {
    this.#faults = [...faults]
    this.#stream = stream.map((record, sequence) =>
      kinesisRecord({ data: JSON.stringify(record), partitionKey: record.symbol, sequence, arrivedAt: 0 }),
    )
  }

  #call<Result>(work: () => Promise<Result> | Result): Promise<Result> {
    return meetFault(this.#faults, work)
  }

  #instance(): AnalyticsDeps {
    const store = this.#store
    return {
      analysis,
      ...LATENESS,
      now: () => 0,
      store: {
        load: (keys) => this.#call(() => store.load(keys)),
        commit: (key, state, guard) => this.#call(() => store.commit(key, state, guard)),
        pending: () => store.pending(),
      },
      sink: (signals) =>
        this.#call(() => {
          this.signals.push(...[...signals.values()].flat())
        }),
    }
  }

  /** `both`: a zombie works on the batch that was given to another. */
  async deliver({ count, to, again }: { count: number; to: string; again: number }): Promise<void> {
    const batch = this.#stream.slice(Math.max(0, this.#checkpoint - again), this.#checkpoint + count)
    const zombie = to === 'both' ? analyseBars(this.#instance(), batch.slice(0, -1)) : undefined
    const [result] = await Promise.allSettled([analyseBars(this.#instance(), batch), zombie])
    if (result.status === 'rejected') return
    const failure = result.value.firstFailure?.sequenceNumber
    const handled =
      failure === undefined ? batch : batch.filter((each) => each.kinesis.sequenceNumber < failure)
    const last = handled.at(-1)
    if (last !== undefined) this.#checkpoint = Math.max(this.#checkpoint, this.#stream.indexOf(last) + 1)
  }

  async finish(): Promise<void> {
    this.#faults.length = 0
    while (this.#checkpoint < this.#stream.length) await this.deliver({ count: 3, to: 'one', again: 1 })
    await this.deliver({ count: 1, to: 'one', again: 5 })
  }
}

/** What comes of the last revisions alone, in the order of time. */
function expectedOf(last: ReadonlyMap<string, BarRecord>, symbol: string) {
  const bars = [...last.values()]
    .filter((bar) => bar.symbol === symbol && !bar.withdrawn)
    .toSorted((a, b) => a.timestamp.localeCompare(b.timestamp))
  const fold = new BarFold(analysis, startSymbol(analysis), LATENESS)
  return fold.take(bars.map(toRevisedBar)).signals.map(({ start, values, patterns }) => ({
    key: `${symbol} ${new Date(start * 1000).toISOString().replace('.000Z', 'Z')}`,
    values: nameValues(analysis, values),
    patterns: patterns.map(({ pattern, direction }) => `${pattern.name} ${direction}`),
  }))
}

describe('whatever is redelivered, revised, comes between or dies', () => {
  it('the rows are those of a run over the last revisions alone', async () => {
    await fc.assert(
      fc.asyncProperty(eventsArbitrary, stepsArbitrary, faultsArbitrary, async (events, steps, faults) => {
        const { stream, last } = streamOf(events)
        const world = new World(stream, faults)
        for (const step of steps) await world.deliver(step)
        await world.finish()
        const { indicators, patterns } = rowsOf(world.signals)
        for (const symbol of SYMBOLS) {
          const expected = expectedOf(last, symbol)
          // Of every bar there is an on-balance volume, and of one that is withdrawn no value.
          const rows = [...indicators.values()].filter(
            (row) => row.symbol === symbol && Object.keys(row.values).length > 0,
          )
          expect(rows).toHaveLength(expected.length)
          const keys = new Set(expected.map(({ key }) => key))
          for (const [key, { said }] of patterns)
            if (key.startsWith(`${symbol} `) && said !== undefined)
              expect(keys).toContain(key.split(' ').slice(0, 2).join(' '))
          for (const { key, values, patterns: found } of expected) {
            expect(indicators.get(key)?.values).toEqual(values)
            const standing = [...patterns].filter(
              ([each, { said }]) => each.startsWith(`${key} `) && said !== undefined,
            )
            expect(standing.map(([, { said }]) => nameOf(said)).toSorted()).toEqual(found.toSorted())
          }
        }
      }),
      { numRuns: 200 },
    )
  })

  it('a revision always says the same, and its word stands even when the records come backwards', async () => {
    await fc.assert(
      fc.asyncProperty(eventsArbitrary, stepsArbitrary, faultsArbitrary, async (events, steps, faults) => {
        const world = new World(streamOf(events).stream, faults)
        for (const step of steps) await world.deliver(step)
        await world.finish()
        const said = new Map<string, string>()
        for (const record of world.signals) {
          const key = `${record.type} ${record.symbol} ${record.timestamp} ${record.revision}`
          expect(said.get(key) ?? JSON.stringify(record)).toBe(JSON.stringify(record))
          said.set(key, JSON.stringify(record))
        }
        const inOrder = rowsOf(world.signals)
        const reversed = rowsOf(world.signals.toReversed())
        expect(reversed.indicators).toEqual(inOrder.indicators)
        expect(standingOf(reversed)).toEqual(standingOf(inOrder))
      }),
      { numRuns: 80 },
    )
  })
})

function nameOf(said: Row['said']): string {
  return `${said?.pattern_type} ${said?.direction}`
}

function standingOf({ patterns }: Rows): unknown[] {
  return [...patterns].filter(([, { said }]) => said !== undefined).toSorted(([a], [b]) => a.localeCompare(b))
}
