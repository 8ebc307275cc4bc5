import { analyseBars } from '../../../functions/analytics/analyse-bars.ts'
import { createStateCodec } from '../../../functions/analytics/state-codec.ts'
import { type Bar, barOf } from '../../../functions/domain/bar.ts'
import { evolve } from '../../../functions/domain/evolve.ts'
import type { SymbolEvent } from '../../../functions/domain/event.ts'
import { INITIAL_STATE, type MinuteState } from '../../../functions/domain/minute-state.ts'
import { barText } from '../../../functions/minute-state/bar-stream.ts'
import {
  rebuildSignals,
  type RebuiltSignals,
  type SignalDeps,
  type SignalTask,
} from '../../../functions/rebuilder/rebuild-signals.ts'
import type { StoredMinute, StoredSignals } from '../../../functions/rebuilder/stored-signals.ts'
import { readAnalysis } from '../../../functions/shared/runtime/analysis-fields.ts'
import type { PatternsRecord, SignalRecord } from '../../../functions/shared/streams/records.ts'
import { kinesisRecord } from '../../support/kinesis-event.ts'
import { createMemoryStateStore } from '../../support/memory-state-store.ts'
import { History } from './harness.ts'

export const analysis = readAnalysis({
  indicators: 'sma(3) ema(4) rsi(3) macd(2,4,3) bollinger(4,2) atr(3) adx(3) stochastic(4,2,2) obv vwap',
  patterns: 'doji engulfing harami hammer shooting_star',
  vwapAnchor: 'UTC 00:00',
})
export const LATENESS = { latenessSeconds: 120 }

type Pattern = { readonly revision: number; readonly said: PatternsRecord['patterns'][number] | undefined }
type Row = { revision: number; values: Record<string, number>; readonly patterns: Map<string, Pattern> }

/** The pipeline of the symbol A in memory, whose consumers may be behind: aggregator, analytics, bar-writer, rebuilder. */
export class Pipeline {
  readonly history = new History()
  states = createMemoryStateStore(createStateCodec(analysis))
  /** By the start of the minute. */
  readonly rows = new Map<number, Row>()
  /** Called before each read and put of the rebuilder; may throw. */
  meet: (what: string) => Promise<void> = async () => {}
  /** Called before each commit of the analytics part. */
  meetAnalytics: () => Promise<void> = async () => {}
  readonly #bars: Bar[] = []
  readonly #signals: SignalRecord[] = []
  #minutes: MinuteState = INITIAL_STATE
  readonly #behind = { analytics: 0, bars: 0, signals: 0 }

  constructor() {
    this.history.sink = (bar) => this.#bars.push(bar)
    this.history.wait = async () => {
      this.history.now += 500
      await this.write(Infinity)
    }
  }

  /** The aggregator takes an event, and puts the bars that come of it. */
  happens(event: SymbolEvent): void {
    const rules = { ...LATENESS, graceMs: 2000 }
    const { outbox } = (this.#minutes = evolve(this.#minutes, event, rules).state)
    for (const { builder, closedAt } of outbox) this.#bars.push(barOf('A', builder, { closedAt }))
    this.#minutes = evolve(this.#minutes, { type: 'emitted', count: outbox.length }, rules).state
  }

  /** The analytics part takes so many records. */
  async analyse(count: number): Promise<void> {
    const first = this.#behind.analytics
    const batch = this.#bars.slice(first, first + count)
    if (batch.length === 0) return
    const records = batch.map((bar, sequence) =>
      kinesisRecord({ data: barText(bar), partitionKey: 'A', sequence: first + sequence, arrivedAt: 0 }),
    )
    const { states } = this
    const store: typeof states = {
      ...states,
      commit: async (...given) => {
        await this.meetAnalytics()
        return await states.commit(...given)
      },
    }
    const { firstFailure } = await analyseBars(
      {
        analysis,
        ...LATENESS,
        store,
        sink: async (signals) => this.#put(signals),
        now: () => 0,
      },
      records,
    )
    if (firstFailure !== undefined) throw new Error('a bar could not be analysed')
    this.#behind.analytics += batch.length
  }

  /** The table `indicator-state` is lost. */
  loseStates(): void {
    this.states = createMemoryStateStore(createStateCodec(analysis))
  }

  #put(signals: ReadonlyMap<string, readonly SignalRecord[]>): void {
    this.#signals.push(...[...signals.values()].flat())
  }

  /** The bar-writer takes so many records of `bars`. */
  writeBars(count: number): void {
    const behind = this.#behind
    for (const bar of this.#bars.slice(behind.bars, behind.bars + count)) this.history.write(bar)
    behind.bars = Math.min(this.#bars.length, behind.bars + count)
  }

  /** The bar-writer takes so many records of each stream. */
  async write(count: number): Promise<void> {
    const behind = this.#behind
    this.writeBars(count)
    for (const record of this.#signals.slice(behind.signals, behind.signals + count))
      this.#writeSignal(record)
    behind.signals = Math.min(this.#signals.length, behind.signals + count)
  }

  /** A higher revision replaces a lower one. */
  #writeSignal(record: SignalRecord): void {
    const start = Date.parse(record.timestamp) / 1000
    const row = this.rows.get(start) ?? { revision: 0, values: {}, patterns: new Map() }
    this.rows.set(start, row)
    const { revision } = record
    if (record.type === 'indicators') {
      if (revision > row.revision) Object.assign(row, { revision, values: record.values })
      return
    }
    const keep = (name: string, said: Pattern['said']): void => {
      if (revision > (row.patterns.get(name)?.revision ?? 0)) row.patterns.set(name, { revision, said })
    }
    for (const found of record.patterns) keep(found.pattern_type, found)
    for (const name of record.withdrawn) keep(name, undefined)
  }

  readonly #stored: StoredSignals = async (_symbol, { from, to }) => {
    await this.meet('signals')
    const within = [...this.rows].filter(([start]) => start >= from && start < to)
    return new Map(
      within.map(([start, { revision, values, patterns }]): [number, StoredMinute] => {
        const revisions = [...patterns.values()].map((each) => each.revision)
        const standing = [...patterns.values()].flatMap(({ said }) => (said === undefined ? [] : [said]))
        return [start, { revision: Math.max(revision, ...revisions), values, patterns: standing }]
      }),
    )
  }

  /** The second task of a rebuild, or as much of it as one call does. */
  async rebuildSignals(
    from: number,
    { place, ...options }: Pick<SignalDeps, 'daysPerCall'> & Pick<SignalTask, 'place'> = {},
  ): Promise<RebuiltSignals> {
    const { states, meet } = this
    return await rebuildSignals(
      {
        analysis,
        ...LATENESS,
        stored: this.history.stored,
        signals: this.#stored,
        states: {
          load: async (keys) => {
            await meet('load')
            return await states.load(keys)
          },
          commit: async (key, state, guard) => {
            await meet('commit')
            return await states.commit(key, state, guard)
          },
          pending: () => states.pending(),
        },
        emit: async (signals) => {
          await meet('emit')
          this.#put(signals)
        },
        now: () => this.history.now,
        wait: () => this.history.wait(),
        ...options,
      },
      { symbols: ['A'], from, place },
    )
  }

  /** What readers see of the signals: values, and names of patterns, by minute. */
  visible(): readonly (readonly [
    start: number,
    values: Record<string, number>,
    patterns: readonly string[],
  ])[] {
    return [...this.rows]
      .toSorted(([one], [other]) => one - other)
      .map(([start, { values, patterns }]) => {
        const standing = [...patterns].flatMap(([name, { said }]) => (said === undefined ? [] : [name]))
        return [start, values, standing.toSorted()] as const
      })
      .filter(([, values, patterns]) => Object.keys(values).length + patterns.length > 0)
  }
}
