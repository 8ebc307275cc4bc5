import { divided, NO_UNITS, roundedHalfUp, type Units } from '../adjustment/adjusted-parts.ts'
import type { BarGrid } from './bar-grid.ts'

/** The columns of a bar, stored or computed. */
export const VALUES =
  'open, high, low, close, volume, vwap, trade_count, revision, notional, complete, withdrawn, source'

const COUNTING = 'FILTER (WHERE NOT withdrawn)'

/** Without a trade for so long a minute is closed by the clock, and written: the sweeper runs once a minute. */
const CLOSED_WITHIN = `'2 minutes'::interval`

/** How far behind a bar a minute may lie that shows that it was over: whoever tells whether a bar is filling reads so far. */
export const LATER_MS = 3_600_000

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
 * false where that of a minute is, and while the bar is filling: no bar of the symbol has a minute in the hour behind it, and
 * the end of the bar, or the writing of its newest minute, is not two minutes past. It is null where a minute does not tell.
 * `source` is that of an imported minute in it; where one tells no volume-weighted price, the bar has none either.
 * Withdrawn minutes count in `revision` only; a bar of which all minutes are withdrawn is withdrawn.
 *
 * @param source.parts SQL for the parts of the bars, as `partsOf` or `summed` gives them, and of those up to `LATER_MS` behind them
 * @param source.knownAt SQL for the time at which they were what is known
 * @param source.units by which sums of adjusted parts are divided
 */
export function rolledUp(
  { endOf }: BarGrid,
  {
    parts,
    knownAt,
    units = NO_UNITS,
  }: { readonly parts: string; readonly knownAt: string; readonly units?: Units },
): string {
  const end = endOf('start')
  const isFollowed = `(lead(oldest) OVER (ORDER BY start) < ${end} + '${LATER_MS / 1000} seconds'::interval)`
  return `
    SELECT start AS timestamp, ${valuesOf(units)}, trade_count, revision, withdrawn, source,
      CASE WHEN NOT complete OR is_filling THEN false ELSE complete END AS complete
    FROM (
      SELECT *, ${halvesOf(units)},
        ${isFollowed} IS NOT TRUE AND newest + '1 minute'::interval < ${end}
          AND ${knownAt} < greatest(${end}, written_at) + ${CLOSED_WITHIN} AS is_filling
      FROM (${summed(parts)}) AS summed
      WHERE start IS NOT NULL
    ) AS bar`
}

/** SQL for the single parts of bars of a minute each, as bars. */
export function singly(parts: string, units: Units): string {
  return `
    SELECT start AS timestamp, ${valuesOf(units)}, trade_count, revision, withdrawn, source, complete
    FROM (SELECT *, ${halvesOf(units)} FROM (${parts}) AS part) AS bar`
}

/** SQL for the decimals of a bar, by its columns and `halvesOf`. */
function valuesOf(units: Units): string {
  const column = (name: string, unit: string | undefined): string =>
    units === NO_UNITS ? name : `${divided(name, unit)} AS ${name}`
  const prices = ['open', 'high', 'low', 'close'].map((name) => column(name, units.price))
  return `${prices.join(', ')}, ${column('volume', units.volume)}, ${column('notional', units.notional)},
      CASE WHEN weighted IS NOT NULL THEN ${roundedHalfUp('halves', 'twice', VWAP_DECIMALS)} END AS vwap`
}

const VWAP_DECIMALS = 8

/** SQL for what `roundedHalfUp` takes for Σnotional / Σvolume. */
function halvesOf({ volume, notional }: Units): string {
  const [weighted, divisor] = [times('weighted', volume), times('volume', notional)]
  return `2${'0'.repeat(VWAP_DECIMALS)} * ${weighted} + ${divisor} AS halves, nullif(2 * ${divisor}, 0) AS twice`
}

function times(value: string, unit: string | undefined): string {
  return unit === undefined ? value : `${value} * ${unit}`
}

/** The columns of a part of a bar. */
export const PART_COLUMNS = {
  start: 'timestamptz',
  oldest: 'timestamptz',
  newest: 'timestamptz',
  written_at: 'timestamptz',
  open: 'numeric',
  high: 'numeric',
  low: 'numeric',
  close: 'numeric',
  volume: 'numeric',
  weighted: 'numeric',
  notional: 'numeric',
  trade_count: 'numeric',
  revision: 'numeric',
  complete: 'boolean',
  withdrawn: 'boolean',
  source: 'text',
}

/** SQL for minutes as parts of bars. `weighted` is what a minute counts for in the volume-weighted price, if that is known. */
export function partsOf(minutes: string, startOf: BarGrid['startOf']): string {
  return `
    SELECT ${startOf('timestamp')} AS start, timestamp AS oldest, timestamp AS newest, written_at, open, high, low, close, volume,
      coalesce(notional, vwap * volume) AS weighted, notional, trade_count, revision, complete, withdrawn, source
    FROM (${minutes}) AS minute`
}

/** SQL that sums the parts of each bar. Sums are parts again: those of a bar's months are as good as its minutes. */
export function summed(parts: string): string {
  const sumOf = (column: string): string =>
    `CASE WHEN bool_and(${column} IS NOT NULL OR volume = 0) THEN trim_scale(coalesce(sum(${column}), 0)) END AS ${column}`
  return `
    SELECT start,
      ${ofBars((rows) => `(array_agg(open ORDER BY newest) ${rows})[1]`)} AS open,
      ${ofBars((rows) => `max(high) ${rows}`)} AS high, ${ofBars((rows) => `min(low) ${rows}`)} AS low,
      ${ofBars((rows) => `(array_agg(close ORDER BY newest) ${rows})[count(*) ${rows}]`)} AS close,
      bool_and(withdrawn) AS withdrawn, trim_scale(sum(volume)) AS volume, ${sumOf('weighted')}, ${sumOf('notional')},
      max(source) AS source, sum(trade_count) AS trade_count, sum(revision) AS revision,
      CASE WHEN bool_or(NOT complete) ${COUNTING} THEN false
        WHEN count(complete) ${COUNTING} = count(*) ${COUNTING} THEN true END AS complete,
      min(oldest) AS oldest, max(newest) AS newest, max(written_at) AS written_at
    FROM (${parts}) AS part
    GROUP BY start`
}

/** SQL for a value of the minutes that count; of the withdrawn ones where there are no others. */
function ofBars(value: (rows: string) => string): string {
  return `coalesce(${value(COUNTING)}, ${value('FILTER (WHERE withdrawn)')})`
}
