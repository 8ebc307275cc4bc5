import { readMetricLine } from '../stage/metric-line.ts'

/** Latencies remembered for the percentiles. */
const LATENCIES = 5000
const RATE_WINDOW_MS = 5000

/** Sums of the counters, and the latest values of the gauges. */
export type Figures = {
  readonly ticks: number
  readonly ticksPerSecond: number
  /** Symbols that have bars. */
  readonly symbols: number
  /** Bars; each counts once, however often it is revised. */
  readonly bars: number
  /** Revisions of bars. */
  readonly revised: number
  /** Rows written, of bars and of their revisions. */
  readonly written: number
  readonly late: number
  readonly duplicates: number
  readonly rejected: number
  /** Trades that the numbers of their venue show to be missing. */
  readonly missing: number
  /** Bars, and revisions of bars, that lack trades. */
  readonly incomplete: number
  /** Milliseconds from what closed a bar to its row; undefined before the first. */
  readonly latencyP50: number | undefined
  readonly latencyP99: number | undefined
  /** Values of indicators, and patterns found. */
  readonly indicators: number
  readonly patterns: number
  /** `AAPL hammer`; undefined before the first. */
  readonly lastPattern: string | undefined
  /** Milliseconds from what closed a bar to the row of its indicators. */
  readonly signalLatencyP50: number | undefined
  readonly signalLatencyP99: number | undefined
  /** Milliseconds from the close of a bar until it was sent to its WebSocket clients. */
  readonly broadcastLatencyP50: number | undefined
  readonly broadcastLatencyP99: number | undefined
}

const LATENCY_NAMES: ReadonlySet<string> = new Set(['BarLatency', 'SignalLatency', 'BroadcastLatency'])

/**
 * Reads what the functions print in the embedded metric format, as CloudWatch would.
 *
 * @param now the wall clock, in milliseconds
 */
export class FigureReader {
  readonly #sums = new Map<string, number>()
  readonly #latencies = new Map<string, number[]>()
  #symbols = 0
  #lastPattern: string | undefined
  #recent: { readonly at: number; readonly ticks: number }[] = []
  readonly #now: () => number

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /** Takes a line of a function's output; true when it was one of metrics. */
  read(line: string): boolean {
    const read = readMetricLine(line)
    if (read === undefined) return false
    for (const { name, values } of read.metrics) this.#take(name, values)
    this.#lastPattern = read.lastPattern ?? this.#lastPattern
    return true
  }

  /** The figures now. */
  get(): Figures {
    const sum = (name: string): number => this.#sums.get(name) ?? 0
    const since = this.#now() - RATE_WINDOW_MS
    this.#recent = this.#recent.filter(({ at }) => at > since)
    const quantile = (name: string, share: number): number | undefined => {
      const sorted = Float64Array.from(this.#latencies.get(name) ?? []).toSorted()
      return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
    }
    return {
      ticks: sum('TicksProcessed'),
      ticksPerSecond: this.#recent.reduce((total, { ticks }) => total + ticks, 0) / (RATE_WINDOW_MS / 1000),
      symbols: this.#symbols,
      bars: Math.max(0, sum('BarsWritten') - sum('BarsRevised')),
      revised: sum('BarsRevised'),
      written: sum('BarsWritten'),
      late: sum('TicksLate'),
      duplicates: sum('TicksDuplicate'),
      rejected: sum('TicksRejected'),
      missing: sum('TicksMissing'),
      incomplete: sum('BarsIncomplete'),
      latencyP50: quantile('BarLatency', 0.5),
      latencyP99: quantile('BarLatency', 0.99),
      indicators: sum('IndicatorsCalculated'),
      patterns: sum('PatternsDetected'),
      lastPattern: this.#lastPattern,
      signalLatencyP50: quantile('SignalLatency', 0.5),
      signalLatencyP99: quantile('SignalLatency', 0.99),
      broadcastLatencyP50: quantile('BroadcastLatency', 0.5),
      broadcastLatencyP99: quantile('BroadcastLatency', 0.99),
    }
  }

  /** Takes how many symbols the database has: instances that have ended do not say that they track theirs no more. */
  noteSymbols(symbols: number): void {
    this.#symbols = symbols
  }

  /** Discards rate and latencies so far: those of a history played at full speed are not those of live bars. */
  startLive(): void {
    this.#latencies.clear()
    this.#recent = []
  }

  #take(name: string, values: readonly number[]): void {
    const total = values.reduce((sum, value) => sum + value, 0)
    if (LATENCY_NAMES.has(name))
      this.#latencies.set(name, [...(this.#latencies.get(name) ?? []), ...values].slice(-LATENCIES))
    else this.#sums.set(name, (this.#sums.get(name) ?? 0) + total)
    if (name === 'TicksProcessed' && total > 0) this.#recent.push({ at: this.#now(), ticks: total })
  }
}
