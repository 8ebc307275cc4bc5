import { endOfBar, startOfBar, type Timeframe, TIMEFRAMES, type TimeZone } from './timeframes.ts'

/** Adds a value to a statement; gives its place in the text. */
export type Given = (value: unknown, type: string) => string

/** The columns of a bar, stored or computed. */
export const VALUES =
  'open, high, low, close, volume, vwap, trade_count, revision, notional, complete, withdrawn, source'

const COUNTING = 'FILTER (WHERE NOT withdrawn)'

/** Without a trade for so long a minute is closed by the clock, and written: the sweeper runs once a minute. */
const CLOSED_WITHIN = `'2 minutes'::interval`

/** SQL for the newest of the versions of each minute that a condition selects. */
export function versionsKnown(condition: string): string {
  const versions = (table: string): string =>
    `SELECT timestamp, written_at, ${VALUES} FROM ${table} WHERE ${condition}`
  return `
    SELECT * FROM (
      SELECT DISTINCT ON (timestamp) * FROM (
        ${versions('ohlcv_1min')} UNION ALL ${versions('bar_revisions')}
      ) AS version ORDER BY timestamp, revision DESC
    ) AS known`
}

/**
 * SQL for bars of several minutes each, by `timestamp`, exact: sums are numeric, and the volume-weighted price is
 * Σnotional / Σvolume, rounded half up to 8 decimals in whole numbers. Minutes without a notional have vwap·volume instead.
 *
 * `revision` is the sum of the revisions of the minutes: it grows with each correction and each new minute. `complete` is
 * false where that of a minute is, and while the bar is filling: no later minute of the symbol is there, and neither the
 * end of the bar nor the writing of its newest minute is two minutes past. It is null where a minute does not tell.
 * `source` is that of an imported minute in it; where one tells no volume-weighted price, the bar has none either.
 * Withdrawn minutes count in `revision` only; a bar of which all minutes are withdrawn is withdrawn.
 *
 * @param source.minutes SQL for the bars of the minutes
 * @param source.knownAt SQL for the time at which they were what is known
 */
export function rolledUp(
  { timeframe, zone }: { readonly timeframe: Timeframe; readonly zone: TimeZone },
  given: Given,
  { minutes, knownAt }: { readonly minutes: string; readonly knownAt: string },
): string {
  const interval = given(`${TIMEFRAMES[timeframe] / 1000} seconds`, 'interval')
  const start = startOfBar(timeframe, zone)(interval, 'timestamp')
  const end = endOfBar(timeframe, zone)(interval, 'start')
  return `
    SELECT start AS timestamp, open, high, low, close, volume,
      CASE WHEN is_weighted
        THEN trim_scale((div(halves, twice) - (mod(halves, twice) < 0)::integer) * 0.00000001) END AS vwap,
      trade_count, revision, notional, withdrawn, source,
      CASE WHEN some_incomplete OR is_filling THEN false WHEN all_tell THEN true END AS complete
    FROM (
      SELECT *, 200000000 * weighted + volume AS halves, nullif(2 * volume, 0) AS twice,
        newest = max(newest) OVER () AND newest + '1 minute'::interval < ${end}
          AND ${knownAt} < greatest(${end}, written_at) + ${CLOSED_WITHIN} AS is_filling
      FROM (
        SELECT start,
          ${ofBars((rows) => `(array_agg(open ORDER BY timestamp) ${rows})[1]`)} AS open,
          ${ofBars((rows) => `max(high) ${rows}`)} AS high, ${ofBars((rows) => `min(low) ${rows}`)} AS low,
          ${ofBars((rows) => `(array_agg(close ORDER BY timestamp) ${rows})[count(*) ${rows}]`)} AS close,
          bool_and(withdrawn) AS withdrawn,
          trim_scale(sum(volume)) AS volume,
          coalesce(sum(coalesce(notional, vwap * volume)), 0) AS weighted,
          bool_and(notional IS NOT NULL OR vwap IS NOT NULL OR volume = 0) AS is_weighted,
          max(source) AS source,
          sum(trade_count) AS trade_count, sum(revision) AS revision,
          CASE WHEN bool_and(notional IS NOT NULL OR volume = 0) THEN trim_scale(coalesce(sum(notional), 0)) END AS notional,
          coalesce(bool_or(NOT complete) ${COUNTING}, false) AS some_incomplete,
          count(complete) ${COUNTING} = count(*) ${COUNTING} AS all_tell,
          max(timestamp) AS newest, max(written_at) AS written_at
        FROM (SELECT *, ${start} AS start FROM (${minutes}) AS minute) AS minute
        GROUP BY start
      ) AS summed
    ) AS bar`
}

/** SQL for a value of the minutes that count; of the withdrawn ones where there are no others. */
function ofBars(value: (rows: string) => string): string {
  return `coalesce(${value(COUNTING)}, ${value('FILTER (WHERE withdrawn)')})`
}

/** A time as Postgres reads it. */
export function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
