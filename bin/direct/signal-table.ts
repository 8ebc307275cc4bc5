import { toSeriesBar } from '../../functions/shared/analysis/series-bar.ts'
import { toSignalRecords } from '../../functions/analytics/signal-records.ts'
import { startSymbol } from '../../functions/analytics/state-codec.ts'
import { addRecord, noTotals } from '../../functions/analytics/totals.ts'
import type { Analysis } from '../../functions/domain/analysis.ts'
import type { Bar } from '../../functions/domain/bar.ts'
import { formatDecimal, parseDecimal } from '../../functions/domain/decimal.ts'
import { BarFold, type SymbolAnalysis } from '../../functions/domain/signals.ts'
import type { PatternsRecord, SignalRecord } from '../../functions/shared/streams/records.ts'
import { inCodePoints } from './bar-table.ts'

type Cells = readonly (string | null)[]
type Pattern = PatternsRecord['patterns'][number]

/** The signals of a minute, each in its last revision. */
type Minute = {
  readonly timestamp: string
  values: Readonly<Record<string, number>>
  /** By type; undefined where it was withdrawn. */
  readonly patterns: Map<string, Pattern | undefined>
}

type OfSymbol = { readonly state: SymbolAnalysis; readonly minutes: Map<string, Minute> }

/** Indicators and patterns by symbol and minute, as the database keeps them, computed as the analytics part does. */
export class SignalTable {
  readonly #analysis: Analysis
  readonly #latenessSeconds: number
  readonly #symbols = new Map<string, OfSymbol>()
  readonly #totals = noTotals()

  constructor(analysis: Analysis, { latenessSeconds }: { readonly latenessSeconds: number }) {
    this.#analysis = analysis
    this.#latenessSeconds = latenessSeconds
  }

  get counts(): { readonly indicators: number; readonly patterns: number } {
    return { indicators: this.#totals.values, patterns: this.#totals.patterns }
  }

  /** Takes bars of a symbol in the order in which they are emitted. */
  take(symbol: string, bars: readonly Bar[]): void {
    const analysis = this.#analysis
    let of = this.#symbols.get(symbol)
    if (of === undefined)
      this.#symbols.set(symbol, (of = { state: startSymbol(analysis), minutes: new Map() }))
    const fold = new BarFold(analysis, of.state, { latenessSeconds: this.#latenessSeconds })
    const { signals } = fold.take(bars.map((bar) => ({ ...bar, bar: toSeriesBar(bar) })))
    for (const minute of signals)
      for (const record of toSignalRecords(analysis, minute, { symbol, calculatedAt: 0 }))
        this.#put(of, record)
  }

  #put({ minutes }: OfSymbol, record: SignalRecord): void {
    addRecord(this.#totals, record)
    const { timestamp } = record
    let minute = minutes.get(timestamp)
    if (minute === undefined)
      minutes.set(timestamp, (minute = { timestamp, values: {}, patterns: new Map() }))
    // The signals of a minute come in their revisions.
    if (record.type === 'indicators') {
      minute.values = record.values
      return
    }
    for (const pattern of record.patterns) minute.patterns.set(pattern.pattern_type, pattern)
    for (const type of record.withdrawn) minute.patterns.set(type, undefined)
  }

  /** The cells of the CSV file of indicators, as `SIGNALS` has them. */
  *indicatorRows(): Generator<Cells, void, undefined> {
    for (const [symbol, { timestamp, values }] of this.#minutes())
      for (const name of inCodePoints(Object.keys(values)))
        yield [symbol, timestamp, name, numeric(values[name] ?? 0)]
  }

  /** The cells of the CSV file of patterns, as `PATTERNS` has them. */
  *patternRows(): Generator<Cells, void, undefined> {
    for (const [symbol, { timestamp, patterns }] of this.#minutes())
      for (const type of inCodePoints([...patterns.keys()])) {
        const pattern = patterns.get(type)
        if (pattern === undefined) continue
        const { direction, strength, confidence } = pattern
        yield [symbol, timestamp, type, direction, numeric(strength), numeric(confidence)]
      }
  }

  *#minutes(): Generator<readonly [string, Minute], void, undefined> {
    for (const symbol of inCodePoints([...this.#symbols.keys()])) {
      const minutes = [...(this.#symbols.get(symbol)?.minutes.values() ?? [])]
      for (const minute of minutes.toSorted((one, other) => (one.timestamp < other.timestamp ? -1 : 1)))
        yield [symbol, minute]
    }
  }
}

/** Digits that any double has before and behind the point. */
const ANY_DOUBLE = { decimals: 400, integerDigits: 400 }

/** A double as the database writes the number of its JSON: without an exponent. */
function numeric(value: number): string {
  const text = String(value)
  if (!text.includes('e')) return text
  const decimal = parseDecimal(text, ANY_DOUBLE)
  return typeof decimal === 'string' ? text : formatDecimal(decimal.units, decimal.scale)
}
