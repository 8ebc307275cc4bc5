import * as z from 'zod'

import type { Queryable } from '../shared/postgres/database.ts'
import { type BarRecord, barRecordSchema } from '../shared/streams/records.ts'

/** Bars of one call. */
export const MAX_IMPORTED_BARS = 2000

/** What imports bars: `{"type":"import-bars","bars":[...]}`, records of the stream `bars` with a source. */
export const importBarsSchema = z.strictObject({
  type: z.literal('import-bars'),
  bars: z
    .array(barRecordSchema.refine(({ source }) => source !== null, 'needs a source'))
    .min(1)
    .max(MAX_IMPORTED_BARS),
})

/** What became of imported bars. */
export type ImportedBars = {
  /** Their minutes had no bar: they are on the stream. */
  put: number
  /** Were imported before. */
  known: number
  /** Another bar of the minute was imported before, which stays. */
  differing: number
  /** The minute has a bar that is made of trades. */
  ofTrades: number
}

const SELECT = `
  SELECT wanted.place::integer AS place, revision, trim_scale(open)::text AS open, trim_scale(high)::text AS high,
    trim_scale(low)::text AS low, trim_scale(close)::text AS close, trim_scale(volume)::text AS volume,
    trim_scale(vwap)::text AS vwap, trim_scale(notional)::text AS notional, trade_count::float8 AS trade_count, source
  FROM unnest($1::text[], $2::timestamptz[]) WITH ORDINALITY AS wanted (symbol, timestamp, place)
  JOIN ohlcv_1min AS bar ON bar.symbol = wanted.symbol AND bar.timestamp = wanted.timestamp`

const rowsSchema = z.array(
  z.object({
    place: z.int(),
    revision: z.int(),
    open: z.string(),
    high: z.string(),
    low: z.string(),
    close: z.string(),
    volume: z.string(),
    vwap: z.string().nullable(),
    notional: z.string().nullable(),
    trade_count: z.number(),
    source: z.string().nullable(),
  }),
)
const VALUES = [
  'open',
  'high',
  'low',
  'close',
  'volume',
  'vwap',
  'notional',
  'trade_count',
  'source',
] as const

/**
 * Puts bars of minutes that have none on the stream `bars`. Where a bar of trades comes at the same time, or later, that one
 * counts: imported ones have the revision 0.
 */
export async function importBars(
  {
    database,
    put,
  }: {
    readonly database: Queryable
    /** Puts records, each symbol's in order. */
    readonly put: (records: Map<string, string[]>) => Promise<void>
  },
  { bars }: z.output<typeof importBarsSchema>,
): Promise<ImportedBars> {
  const { rows } = await database.query(SELECT, [
    bars.map(({ symbol }) => symbol),
    bars.map(({ timestamp }) => timestamp),
  ])
  const stored = new Map(rowsSchema.parse(rows).map((row) => [row.place - 1, row]))
  const imported: ImportedBars = { put: 0, known: 0, differing: 0, ofTrades: 0 }
  const missing: BarRecord[] = []
  for (const [place, bar] of bars.entries()) {
    const row = stored.get(place)
    if (row === undefined) missing.push(bar)
    else if (row.source === null) imported.ofTrades++
    else imported[VALUES.every((name) => row[name] === bar[name]) ? 'known' : 'differing']++
  }
  const bySymbol = Map.groupBy(missing, ({ symbol }) => symbol)
  await put(new Map([...bySymbol].map(([symbol, own]) => [symbol, own.map((bar) => JSON.stringify(bar))])))
  imported.put = missing.length
  return imported
}
