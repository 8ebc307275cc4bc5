import * as z from 'zod'
import type { BarRecord } from '../shared/streams/records.ts'
import type { Queryable } from '../shared/postgres/database.ts'
import { inText, upsertRows, revisionLayers, type RefusedRow } from './upsert-rows.ts'

/** The bars of a batch by their outcome. Every bar is in exactly one of the four. */
export type BarsWritten = {
  /** Bars of minutes that had none. */
  readonly written: readonly BarRecord[]
  /** Bars that replaced a lower revision. */
  readonly revised: readonly BarRecord[]
  /** Bars whose minute has this or a higher revision already. */
  readonly stale: readonly BarRecord[]
  readonly refused: readonly RefusedRow<BarRecord>[]
}

// A row changes only when the new revision is higher, so redelivered and outdated bars change nothing. `old` is empty
// for an inserted row.
const UPSERT = `
  INSERT INTO ohlcv_1min AS stored
    (symbol, timestamp, open, high, low, close, volume, vwap, trade_count, revision, closed_at, notional, complete,
    withdrawn, source)
  SELECT symbol, timestamp, open, high, low, close, volume, vwap, trade_count, revision, to_timestamp(closed_ms / 1000),
    notional, complete, withdrawn, source
  FROM unnest(
    $1::text[], $2::timestamptz[], $3::numeric[], $4::numeric[], $5::numeric[], $6::numeric[], $7::numeric[],
    $8::numeric[], $9::bigint[], $10::integer[], $11::float8[], $12::numeric[], $13::boolean[],
    $14::boolean[], $15::text[]
  ) AS bar
    (symbol, timestamp, open, high, low, close, volume, vwap, trade_count, revision, closed_ms, notional, complete,
    withdrawn, source)
  ORDER BY symbol, timestamp
  ON CONFLICT (symbol, timestamp) DO UPDATE SET
    open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close,
    volume = excluded.volume, vwap = excluded.vwap, trade_count = excluded.trade_count,
    revision = excluded.revision, closed_at = excluded.closed_at, notional = excluded.notional,
    complete = excluded.complete, withdrawn = excluded.withdrawn, source = excluded.source, written_at = now()
  WHERE excluded.revision > stored.revision
  RETURNING symbol, timestamp, (old.symbol IS NULL) AS inserted`

const returnedSchema = z.array(z.object({ symbol: z.string(), timestamp: z.date(), inserted: z.boolean() }))

type Upserted = { readonly bar: BarRecord; readonly as: 'written' | 'revised' | 'stale' }

/**
 * Upserts a batch of bars with one statement, or, where it has several revisions of a bar, with one for each of them in
 * their order: clients were sent each revision, so none may be missing in `bar_revisions`. A bar that the database refuses
 * does not block the others. Repeating it changes nothing.
 *
 * @throws what the database throws when no bar is the cause (it is unavailable, or lacks the table); some bars may be
 *   written by then
 */
export async function writeBars(database: Queryable, records: readonly BarRecord[]): Promise<BarsWritten> {
  const { layers, repeated } = revisionLayers(records, keyOf)
  const upserted: Upserted[] = []
  const refused: RefusedRow<BarRecord>[] = []
  for (const layer of layers) {
    const result = await upsertRows(layer, (bars) => upsert(database, bars))
    upserted.push(...result.upserted)
    refused.push(...result.refused)
  }
  const those = (as: Upserted['as']): BarRecord[] =>
    upserted.filter((each) => each.as === as).map(({ bar }) => bar)
  return {
    written: those('written'),
    revised: those('revised'),
    stale: [...repeated, ...those('stale')],
    refused,
  }
}

async function upsert(database: Queryable, bars: readonly BarRecord[]): Promise<Upserted[]> {
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
    bars.map(({ notional }) => notional),
    bars.map(({ complete }) => complete),
    bars.map(({ withdrawn }) => withdrawn),
    bars.map(({ source }) => source),
  ])
  const inserted = new Map(returnedSchema.parse(rows).map((row) => [keyOf(inText(row)), row.inserted]))
  return bars.map((bar) => {
    const isNew = inserted.get(keyOf(bar))
    return { bar, as: isNew === undefined ? 'stale' : isNew ? 'written' : 'revised' }
  })
}

function keyOf({ symbol, timestamp }: Pick<BarRecord, 'symbol' | 'timestamp'>): string {
  return `${timestamp} ${symbol}`
}
