import * as z from 'zod'
import type { BarRecord } from '../shared/records.ts'
import type { Queryable } from '../shared/postgres/database.ts'
import { failureKind } from '../shared/postgres/errors.ts'

/** A bar that the database does not take, however often it is sent. */
export type RefusedBar = { readonly bar: BarRecord; readonly reason: string }

/** What became of the bars of a batch. Every bar given is in exactly one of the four. */
export type BarsWritten = {
  /** Bars of minutes that had none. */
  readonly written: readonly BarRecord[]
  /** Bars that took the place of a lower revision. */
  readonly revised: readonly BarRecord[]
  /** Bars whose minute has this or a higher revision, in the table or in this batch. */
  readonly stale: readonly BarRecord[]
  readonly refused: readonly RefusedBar[]
}

// A minute that is there keeps its row unless the new revision is higher: redelivered and overtaken bars
// change nothing. `old` is empty for an inserted row.
const UPSERT = `
  INSERT INTO ohlcv_1min AS stored
    (symbol, timestamp, open, high, low, close, volume, vwap, trade_count, revision, closed_at)
  SELECT symbol, timestamp, open, high, low, close, volume, vwap, trade_count, revision, to_timestamp(closed_ms / 1000)
  FROM unnest(
    $1::text[], $2::timestamptz[], $3::numeric[], $4::numeric[], $5::numeric[], $6::numeric[], $7::numeric[],
    $8::numeric[], $9::bigint[], $10::integer[], $11::float8[]
  ) AS bar (symbol, timestamp, open, high, low, close, volume, vwap, trade_count, revision, closed_ms)
  ORDER BY symbol, timestamp
  ON CONFLICT (symbol, timestamp) DO UPDATE SET
    open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close,
    volume = excluded.volume, vwap = excluded.vwap, trade_count = excluded.trade_count,
    revision = excluded.revision, closed_at = excluded.closed_at, written_at = now()
  WHERE excluded.revision > stored.revision
  RETURNING symbol, timestamp, (old.symbol IS NULL) AS inserted`

const returnedSchema = z.array(z.object({ symbol: z.string(), timestamp: z.date(), inserted: z.boolean() }))

/**
 * Writes a batch of bars with one statement. Bars that the database refuses are isolated by halving, so that
 * the others land. Doing it again changes nothing.
 * @throws what the database throws when no bar is to blame (it is away, or lacks the table); some bars may have
 *   landed by then
 */
export async function writeBars(database: Queryable, records: readonly BarRecord[]): Promise<BarsWritten> {
  const { newest, stale } = newestRevisions(records)
  const landed = await land(database, newest)
  return { ...landed, stale: [...stale, ...landed.stale] }
}

/** One statement may not touch a row twice: the highest revision of each minute stays. */
function newestRevisions(records: readonly BarRecord[]): { newest: BarRecord[]; stale: BarRecord[] } {
  const newest = new Map<string, BarRecord>()
  const stale: BarRecord[] = []
  for (const record of records) {
    const key = keyOf(record.symbol, Date.parse(record.timestamp))
    const other = newest.get(key)
    if (other !== undefined && other.revision >= record.revision) {
      stale.push(record)
      continue
    }
    if (other !== undefined) stale.push(other)
    newest.set(key, record)
  }
  return { newest: [...newest.values()], stale }
}

async function land(database: Queryable, bars: readonly BarRecord[]): Promise<BarsWritten> {
  if (bars.length === 0) return { written: [], revised: [], stale: [], refused: [] }
  try {
    return sortOut(bars, await upsert(database, bars))
  } catch (error) {
    if (failureKind(error) !== 'data') throw error
    const [bar] = bars
    if (bar !== undefined && bars.length === 1) {
      return { written: [], revised: [], stale: [], refused: [{ bar, reason: reasonOf(error) }] }
    }
    const middle = Math.ceil(bars.length / 2)
    const first = await land(database, bars.slice(0, middle))
    const second = await land(database, bars.slice(middle))
    return {
      written: [...first.written, ...second.written],
      revised: [...first.revised, ...second.revised],
      stale: [...first.stale, ...second.stale],
      refused: [...first.refused, ...second.refused],
    }
  }
}

/** Which keys the statement wrote, and whether they were new. */
async function upsert(
  database: Queryable,
  bars: readonly BarRecord[],
): Promise<ReadonlyMap<string, boolean>> {
  const { rows } = await database.query(UPSERT, [
    bars.map(({ symbol }) => symbol),
    bars.map(({ timestamp }) => timestamp),
    bars.map(({ open }) => open),
    bars.map(({ high }) => high),
    bars.map(({ low }) => low),
    bars.map(({ close }) => close),
    bars.map(({ volume }) => volume),
    bars.map(({ vwap }) => vwap),
    bars.map((bar) => bar.trade_count),
    bars.map(({ revision }) => revision),
    bars.map((bar) => bar.closed_at),
  ])
  return new Map(
    returnedSchema.parse(rows).map((row) => [keyOf(row.symbol, row.timestamp.getTime()), row.inserted]),
  )
}

function sortOut(bars: readonly BarRecord[], wrote: ReadonlyMap<string, boolean>): BarsWritten {
  const written: BarRecord[] = []
  const revised: BarRecord[] = []
  const stale: BarRecord[] = []
  for (const bar of bars) {
    const inserted = wrote.get(keyOf(bar.symbol, Date.parse(bar.timestamp)))
    if (inserted === undefined) stale.push(bar)
    else (inserted ? written : revised).push(bar)
  }
  return { written, revised, stale, refused: [] }
}

function keyOf(symbol: string, milliseconds: number): string {
  return `${milliseconds} ${symbol}`
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const constraint =
    'constraint' in error && typeof error.constraint === 'string' ? ` (${error.constraint})` : ''
  return `${error.message}${constraint}`
}
