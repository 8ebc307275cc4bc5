import * as z from 'zod'

import type { StoredBar, StoredBars } from '../../functions/rebuilder/stored-bars.ts'
import type { StoredMinute, StoredSignals } from '../../functions/rebuilder/stored-signals.ts'
import type { Queryable } from '../../functions/shared/postgres/database.ts'

const texts = z.array(z.string())
const textsOrNull = z.array(z.string().nullable())
const numbers = z.array(z.number())
const flags = z.array(z.boolean())
const seconds = z.array(z.string().transform((text) => Date.parse(text) / 1000))

const barColumns = z.tuple([
  ...([texts, seconds, texts, texts, texts, texts, texts] as const),
  ...([textsOrNull, numbers, numbers, numbers, textsOrNull] as const),
  ...([z.array(z.boolean().nullable()), flags, textsOrNull] as const),
])
/** As `string_to_array` takes it apart. */
const joined = z.string().transform((text) => text.split('\u0001'))
const indicatorColumns = z.tuple([texts, seconds, texts, numbers, joined, numbers])
const patternColumns = z.tuple([
  ...([texts, seconds, texts, texts, numbers, numbers, flags] as const),
  ...([textsOrNull, z.array(z.number().nullable()), numbers, joined] as const),
])
const valuesSchema = z.record(z.string(), z.number())
const dataSchema = z.record(z.string(), z.unknown())

type Pattern = StoredMinute['patterns'][number]
type Values = { readonly revision: number; readonly values: Readonly<Record<string, number>> }
type Found = { readonly revision: number; readonly isWithdrawn: boolean; readonly pattern: Pattern }

/** The minute of a symbol. */
type Keyed<Row> = Map<string, Map<number, Row>>

/** What the bar-writer writes and the rebuilder reads, in memory; runs the same contract tests as Postgres. */
export class MemoryDatabase implements Queryable {
  readonly bars: Keyed<StoredBar> = new Map()
  /** Rows that a higher revision has replaced, as the trigger keeps them in `bar_revisions`. */
  readonly revisions: StoredBar[] = []
  readonly values: Keyed<Values> = new Map()
  readonly patterns: Keyed<Map<string, Found>> = new Map()

  async query(text: string, values: readonly unknown[] = []): Promise<{ rows: readonly unknown[] }> {
    const [, table] = /INSERT INTO (\w+)/.exec(text) ?? []
    if (table === 'ohlcv_1min') return { rows: this.#upsertBars(values) }
    if (table === 'indicator_values') return { rows: this.#upsertValues(values) }
    if (table === 'intraday_patterns') return { rows: this.#upsertPatterns(values) }
    throw new Error(`the database in memory does not know this statement: ${text.slice(0, 80)}`)
  }

  readonly stored: StoredBars = {
    read: async (symbols, { from, to }) =>
      new Map(
        symbols.flatMap((symbol) => {
          const bars = [...(this.bars.get(symbol) ?? [])].filter(([start]) => start >= from && start < to)
          return bars.length === 0 ? [] : [[symbol, new Map(bars)] as const]
        }),
      ),
    newest: async (symbols) =>
      new Map(
        symbols.flatMap((symbol) => {
          const starts = this.#starts(symbol, ({ source }) => source === null)
          return starts.length === 0 ? [] : [[symbol, Math.max(...starts)] as const]
        }),
      ),
    startBefore: async (symbol, before, count) =>
      this.#starts(symbol, (bar) => bar.start < before && !bar.withdrawn && bar.source === null)
        .toSorted((one, other) => one - other)
        .slice(-count)[0],
  }

  readonly signals: StoredSignals = async (symbol, { from, to }) => {
    const values = this.values.get(symbol)
    const patterns = this.patterns.get(symbol)
    const starts = new Set([...(values?.keys() ?? []), ...(patterns?.keys() ?? [])])
    const within = [...starts].filter((start) => start >= from && start < to)
    return new Map(
      within.map((start) => {
        const found = [...(patterns?.get(start)?.values() ?? [])]
        const ofMinute = values?.get(start)
        const revision = Math.max(ofMinute?.revision ?? 0, ...found.map((each) => each.revision))
        const standing = found.filter(({ isWithdrawn }) => !isWithdrawn).map(({ pattern }) => pattern)
        const sorted = standing.toSorted((a, b) => (a.pattern_type < b.pattern_type ? -1 : 1))
        return [start, { revision, values: ofMinute?.values ?? {}, patterns: sorted }] as const
      }),
    )
  }

  #starts(symbol: string, isWanted: (bar: StoredBar) => boolean): number[] {
    return [...(this.bars.get(symbol)?.values() ?? [])].filter(isWanted).map(({ start }) => start)
  }

  #upsertBars(values: readonly unknown[]): unknown[] {
    const columns = barColumns.parse(values)
    const [symbols, starts, open, high, low, close, volume, vwap, counts, revisions, , ...rest] = columns
    const [notional, complete, withdrawn, source] = rest
    return symbols.flatMap((symbol, at) => {
      const start = starts[at] ?? 0
      const bar: StoredBar = {
        symbol,
        start,
        revision: revisions[at] ?? 0,
        tradeCount: counts[at] ?? 0,
        open: open[at] ?? '',
        high: high[at] ?? '',
        low: low[at] ?? '',
        close: close[at] ?? '',
        volume: volume[at] ?? '',
        vwap: vwap[at] ?? null,
        notional: notional[at] ?? null,
        complete: complete[at] ?? null,
        withdrawn: withdrawn[at] ?? false,
        source: source[at] ?? null,
      }
      const old = rowsOf(this.bars, symbol).get(start)
      if (old !== undefined && old.revision >= bar.revision) return []
      if (old !== undefined) this.revisions.push(old)
      rowsOf(this.bars, symbol).set(start, bar)
      return [{ symbol, timestamp: new Date(start * 1000), inserted: old === undefined }]
    })
  }

  #upsertValues(values: readonly unknown[]): unknown[] {
    const [symbols, starts, timeframes, revisions, indicators] = indicatorColumns.parse(values)
    return symbols.flatMap((symbol, at) => {
      const start = starts[at] ?? 0
      const revision = revisions[at] ?? 0
      const rows = rowsOf(this.values, symbol)
      if ((rows.get(start)?.revision ?? 0) >= revision) return []
      rows.set(start, { revision, values: valuesSchema.parse(JSON.parse(indicators[at] ?? '')) })
      return [{ symbol, timestamp: new Date(start * 1000), timeframe: timeframes[at] }]
    })
  }

  #upsertPatterns(values: readonly unknown[]): unknown[] {
    const columns = patternColumns.parse(values)
    const [symbols, starts, , types, revisions, , withdrawn, direction, strength, confidence, data] = columns
    for (const [at, symbol] of symbols.entries()) {
      const rows = rowsOf(this.patterns, symbol)
      const ofMinute = rows.get(starts[at] ?? 0) ?? new Map<string, Found>()
      rows.set(starts[at] ?? 0, ofMinute)
      const type = types[at] ?? ''
      const revision = revisions[at] ?? 0
      const old = ofMinute.get(type)
      if ((old?.revision ?? 0) >= revision) continue
      const pattern: Pattern = {
        pattern_type: type,
        direction: direction[at] ?? null,
        strength: strength[at] ?? null,
        confidence: confidence[at] ?? 0,
        pattern_data: dataSchema.parse(JSON.parse(data[at] ?? '')),
      }
      const isWithdrawn = withdrawn[at] ?? false
      ofMinute.set(type, {
        revision,
        isWithdrawn,
        pattern: isWithdrawn && old !== undefined ? old.pattern : pattern,
      })
    }
    return []
  }
}

function rowsOf<Row>(table: Keyed<Row>, symbol: string): Map<number, Row> {
  const known = table.get(symbol)
  if (known !== undefined) return known
  const made = new Map<number, Row>()
  table.set(symbol, made)
  return made
}
