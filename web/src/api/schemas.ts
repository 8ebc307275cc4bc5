import * as z from 'zod/mini'

import type { Bar } from '../market/bar.ts'
import type { Revision } from '../market/corrections.ts'
import type { TickRecord } from '../market/forming-candle.ts'
import type { Pattern, PatternChange } from '../market/patterns.ts'
import { isDecimal } from '../values/decimal-text.ts'

// Zod would compile its schemas by `Function`, which the page's Content-Security-Policy refuses.
z.config({ jitless: true })

const decimal = z.string().check(z.refine(isDecimal, 'expected a decimal'))
const unixSeconds = z.pipe(
  z.string(),
  z.transform((text: string) => Date.parse(text) / 1000),
)
const unixMs = z.pipe(
  z.string(),
  z.transform((text: string) => Date.parse(text)),
)

const apiBar = {
  t: unixSeconds,
  o: decimal,
  h: decimal,
  l: decimal,
  c: decimal,
  v: decimal,
  n: z.number(),
  vw: z.nullable(decimal),
  rev: z.number(),
  notional: z.nullable(decimal),
  complete: z.nullable(z.boolean()),
}

const apiBarSchema = z.object(apiBar)
const barSchema = z.pipe(apiBarSchema, z.transform(barOf))

function barOf({ t, o, h, l, c, v, n, vw, rev, notional, complete }: z.output<typeof apiBarSchema>): Bar {
  const prices = { open: o, high: h, low: l, close: c, volume: v }
  return { time: t, ...prices, trades: n, vwap: vw, notional, revision: rev, complete }
}

const token = z.nullable(z.string())

export const barsOfSymbolSchema = z.object({ bars: z.array(barSchema), next_page_token: token })
export const barsSchema = z.object({
  bars: z.record(z.string(), z.array(barSchema)),
  next_page_token: token,
})

export const latestBarsSchema = z.object({ bars: z.record(z.string(), barSchema) })

const revisionSchema = z.pipe(
  z.object({ ...apiBar, written_at: z.string(), closed_at: z.string(), withdrawn: z.boolean() }),
  z.transform(({ written_at: writtenAt, closed_at: closedAt, withdrawn, ...bar }): Revision => ({
    ...barOf(bar),
    withdrawn,
    writtenAt,
    closedAt,
  })),
)
export const revisionsSchema = z.object({ revisions: z.array(revisionSchema), next_page_token: token })

/** Indicators of a minute: values by name, as text. */
export type IndicatorMinute = {
  readonly time: number
  readonly values: Readonly<Record<string, string>>
  readonly revision: number
  /** Unix milliseconds. */
  readonly calculatedAt: number
}

const indicatorMinuteSchema = z.pipe(
  z.object({
    t: unixSeconds,
    values: z.record(z.string(), z.nullable(decimal)),
    rev: z.number(),
    calculated_at: unixMs,
  }),
  z.transform(({ t, values, rev, calculated_at: calculatedAt }): IndicatorMinute => ({
    time: t,
    values: Object.fromEntries(
      Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== null),
    ),
    revision: rev,
    calculatedAt,
  })),
)
export const indicatorsSchema = z.object({
  indicators: z.array(indicatorMinuteSchema),
  next_page_token: token,
})

export const indicatorNamesSchema = z.object({
  indicators: z.record(z.string(), z.array(z.object({ name: z.string() }))),
})

const patternSchema = z.pipe(
  z.object({
    symbol: z.string(),
    type: z.string(),
    t: unixSeconds,
    confidence: decimal,
    direction: z.nullable(z.string()),
    rev: z.number(),
    detected_at: unixMs,
  }),
  z.transform(({ t, direction, rev, detected_at: detectedAt, ...pattern }): Pattern => ({
    ...pattern,
    time: t,
    direction: direction ?? 'not known',
    revision: rev,
    detectedAt,
    withdrawn: false,
  })),
)
export const patternsSchema = z.object({ patterns: z.array(patternSchema), next_page_token: token })

export const symbolsSchema = z.object({
  symbols: z.array(z.object({ symbol: z.string(), first: unixSeconds, last: unixSeconds })),
  next_page_token: token,
})

const moverSchema = z.object({ symbol: z.string(), price: decimal, change: decimal, percent_change: decimal })
export const moversSchema = z.object({
  session_start: z.nullable(unixSeconds),
  last_updated: z.nullable(unixSeconds),
  gainers: z.array(moverSchema),
  losers: z.array(moverSchema),
})

export const breadthSchema = z.object({
  session_start: z.nullable(unixSeconds),
  last_updated: z.nullable(unixSeconds),
  symbols: z.number(),
  advancing: z.number(),
  declining: z.number(),
  unchanged: z.number(),
  with_sma20: z.number(),
  above_sma20: z.number(),
  share_above_sma20: z.nullable(z.number()),
})

export const healthSchema = z.object({
  status: z.string(),
  reason: z.nullable(z.string()),
  newest_bar: z.nullable(unixSeconds),
  age_seconds: z.nullable(z.number()),
})

/** A record of the WebSocket as the page takes it. */
export type LiveRecord =
  | { readonly type: 'bar'; readonly symbol: string; readonly bar: Bar }
  | ({ readonly type: 'ticks' } & TickRecord)
  | { readonly type: 'indicators'; readonly symbol: string; readonly minute: IndicatorMinute }
  | { readonly type: 'patterns'; readonly change: PatternChange }

const barRecordSchema = z.pipe(
  z.object({
    type: z.literal('bar'),
    symbol: z.string(),
    timestamp: unixSeconds,
    revision: z.number(),
    open: decimal,
    high: decimal,
    low: decimal,
    close: decimal,
    volume: decimal,
    notional: z.nullable(decimal),
    vwap: z.nullable(decimal),
    trade_count: z.number(),
    complete: z.nullable(z.boolean()),
    withdrawn: z._default(z.boolean(), false),
  }),
  z.transform(({ type, symbol, timestamp: time, trade_count: trades, ...bar }): LiveRecord => ({
    type,
    symbol,
    bar: { time, trades, ...bar },
  })),
)

const ticksRecordSchema = z.object({
  type: z.literal('ticks'),
  symbol: z.string(),
  open: decimal,
  high: decimal,
  low: decimal,
  close: decimal,
  volume: decimal,
  trades: z.number(),
  time: z.number(),
})

const indicatorsRecordSchema = z.pipe(
  z.object({
    type: z.literal('indicators'),
    symbol: z.string(),
    timestamp: unixSeconds,
    revision: z.number(),
    calculated_at: z.number(),
    values: z.record(z.string(), z.number()),
  }),
  z.transform(
    ({ type, symbol, timestamp: time, revision, calculated_at: calculatedAt, values }): LiveRecord => ({
      type,
      symbol,
      // The values are doubles, whose shortest text is what JSON had.
      minute: {
        time,
        revision,
        calculatedAt,
        values: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)])),
      },
    }),
  ),
)

const patternsRecordSchema = z.pipe(
  z.object({
    type: z.literal('patterns'),
    symbol: z.string(),
    timestamp: unixSeconds,
    revision: z.number(),
    calculated_at: z.number(),
    patterns: z.array(
      z.object({ pattern_type: z.string(), direction: z.nullable(z.string()), confidence: z.number() }),
    ),
    withdrawn: z.array(z.string()),
  }),
  z.transform(
    ({
      type,
      symbol,
      timestamp: time,
      revision,
      calculated_at: detectedAt,
      patterns,
      withdrawn,
    }): LiveRecord => ({
      type,
      change: {
        symbol,
        time,
        revision,
        withdrawn,
        patterns: patterns.map(({ pattern_type: name, direction, confidence }) => ({
          symbol,
          type: name,
          time,
          direction: direction ?? 'not known',
          confidence: String(confidence),
          revision,
          detectedAt,
          withdrawn: false,
        })),
      },
    }),
  ),
)

export const liveRecordSchema = z.discriminatedUnion('type', [
  barRecordSchema,
  ticksRecordSchema,
  indicatorsRecordSchema,
  patternsRecordSchema,
])
