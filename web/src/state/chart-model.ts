import { batch, signal } from '@preact/signals'

import { BARS_AT_A_TIME } from '../api/addresses.ts'
import { readNewestBars } from '../api/reads.ts'
import { messageOf, SignedOutError } from '../api/request.ts'
import { type Bar, BarSeries, type Merged } from '../market/bar.ts'
import {
  type Forming,
  startForming,
  type TickRecord,
  withClosedBar,
  withGap,
  withTicks,
} from '../market/forming-candle.ts'
import type { Gap } from '../market/gap.ts'
import { startOfBar, type Zone } from '../market/timeframes.ts'
import { ChartSignals } from './chart-signals.ts'
import { tailOf } from './chart-minutes.ts'
import { Later } from './later.ts'
import { endSession } from './session.ts'

/** What a chart is of. */
export type ChartSubject = {
  readonly symbol: string
  readonly timeframe: string
  readonly zone: Zone
  /** ISO 8601; null: as it is known now, and live. */
  readonly asof: string | null
}

export type ChartStatus =
  | { readonly type: 'loading' }
  | { readonly type: 'ready' }
  | { readonly type: 'failed'; readonly message: string }

/** What a bar's writer takes, and more. */
const WRITTEN_MS = 4000
/** A subscription is answered by then, so that a minute that begins later is whole. */
const SUBSCRIBED_SECONDS = 2
const MINUTES_OF_A_DAY = 1500

/** The bars of a chart: read, continued live, and read again where something may be missing. */
export class ChartModel {
  readonly subject: ChartSubject
  readonly status = signal<ChartStatus>({ type: 'loading' })
  /** As read, oldest first. */
  readonly bars = signal<readonly Bar[]>([])
  /** The newest bars as they form; they replace those of the same time. */
  readonly tail = signal<readonly Bar[]>([])
  readonly forming = signal<Forming | undefined>(undefined)
  readonly hasMore = signal(false)
  readonly isReadingOlder = signal(false)
  readonly signals: ChartSignals
  readonly #series = new BarSeries()
  #minutes = new BarSeries()
  readonly #abort = new AbortController()
  readonly #later = new Later()

  constructor(subject: ChartSubject) {
    this.subject = subject
    this.signals = new ChartSignals(subject, this.#abort.signal)
    if (this.#isLive) this.forming.value = startForming(Date.now() / 1000 + SUBSCRIBED_SECONDS)
  }

  get #isLive(): boolean {
    return this.subject.asof === null
  }

  /** Reads the newest bars, and what belongs to them. */
  async load(): Promise<void> {
    this.status.value = { type: 'loading' }
    try {
      await this.#readNewest(BARS_AT_A_TIME)
      this.status.value = { type: 'ready' }
      await this.signals.load(this.#series.first?.time)
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Reads the bars before the first one. */
  async loadOlder(): Promise<void> {
    const { first } = this.#series
    if (first === undefined || !this.hasMore.value || this.isReadingOlder.value) return
    this.isReadingOlder.value = true
    try {
      const end = new Date((first.time - 1) * 1000).toISOString()
      const { bars, hasMore } = await readNewestBars({ ...this.#query, end, limit: BARS_AT_A_TIME })
      this.#series.merge(bars)
      this.hasMore.value = hasMore
      this.#show()
      await this.signals.loadBefore(first.time, this.#series.first?.time)
    } catch (error) {
      this.#fail(error)
    } finally {
      this.isReadingOlder.value = false
    }
  }

  /** Takes a bar of a minute that arrived live. */
  takeBar(bar: Bar): void {
    if (!this.#isLive) return
    const { timeframe, zone } = this.subject
    if (this.forming.value !== undefined) this.forming.value = withClosedBar(this.forming.value, bar.time)
    const start = startOfBar(bar.time, timeframe, zone)
    const before = timeframe === '1Min' ? this.#series.at(bar.time) : undefined
    const newest = (timeframe === '1Min' ? this.#series : this.#minutes).last
    if (timeframe === '1Min') this.#series.merge([bar])
    else if (start === undefined || start < (this.#minutes.first?.time ?? 0)) this.#rereadFrom(bar.time)
    else this.#takeMinute(bar, start)
    // A minute in between may be on its way to the database, or have had no trade.
    if (newest !== undefined && bar.time > newest.time + 60) this.#rereadFrom(newest.time)
    if (bar.withdrawn === true && timeframe !== '1Min') this.#rereadFrom(bar.time, { mayBeGone: true })
    if (bar.revision > 1) this.signals.takeCorrection(bar, before)
    this.#show()
  }

  takeTrades(tick: TickRecord): void {
    if (!this.#isLive || this.forming.value === undefined) return
    this.forming.value = withTicks(this.forming.value, tick)
    this.tail.value = this.#tail()
  }

  /** Reads what came in a time without a connection. */
  async repair(gap: Gap): Promise<Merged> {
    if (!this.#isLive) return { added: 0, revised: 0 }
    if (this.forming.value !== undefined)
      this.forming.value = withGap(this.forming.value, { until: gap.to / 1000 })
    const merged = await this.#readNewest(BARS_AT_A_TIME)
    await this.signals.load(this.#series.first?.time)
    return merged
  }

  dispose(): void {
    this.#abort.abort()
    this.#later.clear()
    this.signals.dispose()
  }

  get #query() {
    const { symbol, timeframe, zone, asof } = this.subject
    return { symbol, timeframe, zone, asof: asof ?? undefined, signal: this.#abort.signal }
  }

  async #readNewest(limit: number): Promise<Merged> {
    const { bars, hasMore } = await readNewestBars({ ...this.#query, limit })
    const isFirst = this.#series.last === undefined
    const merged = this.#series.mergeWhole(bars)
    if (isFirst) this.hasMore.value = hasMore
    await this.#readMinutes()
    this.#show()
    return merged
  }

  /** Of a longer timeframe, the minutes of its newest bar. */
  async #readMinutes(): Promise<void> {
    const { timeframe, symbol, zone } = this.subject
    const { last } = this.#series
    if (timeframe === '1Min' || !this.#isLive || last === undefined) return
    if (startOfBar(last.time, timeframe, zone) === undefined) return
    const start = new Date(last.time * 1000).toISOString()
    const query = {
      symbol,
      timeframe: '1Min',
      zone,
      start,
      limit: MINUTES_OF_A_DAY,
      signal: this.#abort.signal,
    }
    const { bars } = await readNewestBars(query)
    const minutes = new BarSeries()
    minutes.merge([...bars, ...this.#minutes.bars.filter(({ time }) => time >= last.time)])
    this.#minutes = minutes
    const closed = minutes.last?.time
    if (closed !== undefined && this.forming.value !== undefined)
      this.forming.value = withClosedBar(this.forming.value, closed)
  }

  #takeMinute(bar: Bar, start: number): void {
    const first = this.#minutes.first?.time
    this.#minutes.merge([bar])
    const isNext =
      first !== undefined &&
      start > first &&
      startOfBar(first, this.subject.timeframe, this.subject.zone) !== start
    // The bar before has filled: what the API says of it stays.
    if (isNext) this.#rereadFrom(first)
  }

  /** Reads the bars from one on again, once the database has them; that one may have lost all of its minutes. */
  #rereadFrom(time: number, { mayBeGone } = { mayBeGone: false }): void {
    const { timeframe, zone } = this.subject
    const from = startOfBar(time, timeframe, zone) ?? this.#series.last?.time ?? time
    this.#later.run(`reread ${from}${mayBeGone ? ', or not' : ''}`, WRITTEN_MS, async () => {
      const start = new Date(from * 1000).toISOString()
      try {
        const { bars, hasMore } = await readNewestBars({ ...this.#query, start, limit: BARS_AT_A_TIME })
        this.#series.mergeWhole(bars)
        const isGone = !hasMore && bars.every((bar) => bar.time !== from)
        if (mayBeGone && isGone) this.#series.drop(from)
        await this.#readMinutes()
        this.#show()
      } catch (error) {
        this.#fail(error)
      }
    })
  }

  #show(): void {
    batch(() => {
      this.bars.value = [...this.#series.bars]
      this.tail.value = this.#tail()
    })
  }

  #tail(): readonly Bar[] {
    return this.#isLive ? tailOf(this.#minutes, this.forming.peek(), this.subject) : []
  }

  #fail(error: unknown): void {
    if (this.#abort.signal.aborted) return
    if (error instanceof SignedOutError) endSession()
    this.status.value = { type: 'failed', message: messageOf(error) }
  }
}
