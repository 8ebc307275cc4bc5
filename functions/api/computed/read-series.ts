import { toSeriesBar } from '../../shared/analysis/series-bar.ts'
import type { SeriesBar } from '../../domain/series.ts'
import { startsWithin } from '../bars/bar-starts.ts'
import { MOST_MS, readBars, type ReadLimit } from '../bars/read-bars.ts'
import type { BarRow } from '../bars/bar-row.ts'
import { type BarCut, longest } from '../bars/timeframes.ts'
import type { Sources } from '../endpoint.ts'
import { BadRequestError, TooSlowError } from '../http/problem.ts'
import { DAY_MS, EARLIEST, LATEST } from '../http/times.ts'
import { knownDaysOf } from '../page/known-days.ts'
import type { Direction, Span } from '../page/read-plan.ts'
import { blockOf, MOST_DAYS, type WarmUp } from './warm-up.ts'

/** The bars of a symbol, and how they are cut. */
export type BarsOf = BarCut & { readonly symbol: string }

export type Read = Pick<Sources, 'database' | 'now'>

/** Bars of a span that are held at once: half a year of minutes. */
const MOST_BARS = 300_000
/** A newest bar is looked for in so many times the span of bars without gaps first, and then in all. */
const NEAR = 8

/** How a request reads bars, until it has taken too long. */
type SeriesReader = {
  /** Up to so many bars that begin in a span, in a direction; all of them by default. */
  readonly read: (
    of: BarsOf,
    span: Span,
    options?: { readonly direction?: Direction; readonly count?: number },
  ) => Promise<readonly BarRow[]>
  /** The last bars that begin in a span, newest first. */
  readonly newest: (of: BarsOf, span: Span, count: number) => Promise<readonly BarRow[]>
  /** The bars before a time that a fold of those from then on begins with, oldest first. */
  readonly before: (of: BarsOf, time: number, warmUp: WarmUp) => Promise<readonly BarRow[]>
}

/**
 * Begins to read.
 *
 * @param limit.until Unix milliseconds. @default 15 s from now
 * @param limit.tooSlow what to say then
 */
export function readSeries(
  sources: Read,
  { until = sources.now() + MOST_MS, tooSlow = TOO_SLOW }: Partial<ReadLimit> = {},
): SeriesReader {
  const read: SeriesReader['read'] = async (of, span, { direction = 'asc', count = Infinity } = {}) => {
    const query = { ...queryOf(of), ...span, direction }
    const rows = await readBars(sources, query, {
      count: Math.min(count, MOST_BARS),
      until,
      tooSlow,
    })
    if (count > MOST_BARS && rows.length >= MOST_BARS) throw new TooSlowError(TOO_MANY)
    return rows
  }
  const newest: SeriesReader['newest'] = async (of, span, count) => {
    const near = { ...span, from: Math.max(span.from, span.to - NEAR * count * longest(of.timeframe)) }
    const found = await read(of, near, { direction: 'desc', count })
    const isAll = found.length >= count || near.from === span.from
    return isAll ? found : await read(of, span, { direction: 'desc', count })
  }
  return {
    newest,
    read,
    before: async (of, time, warmUp) => {
      if (warmUp.isWhole) await refuseLong(sources, of, time)
      const block = blockOf(time, warmUp)
      const own = await read(of, { from: block, to: time })
      const least = { from: block - warmUp.atMost, to: block }
      const warm = warmUp.bars === 0 ? [] : await newest(of, least, warmUp.bars)
      const oldest = warm.length < warmUp.bars ? block - warmUp.atLeast : (warm.at(-1)?.time ?? 0) * 1000
      const more = { from: block - warmUp.atLeast, to: oldest }
      const older = more.from < more.to ? await read(of, more) : []
      return [...older, ...warm.toReversed(), ...own]
    },
  }
}

const TOO_SLOW = `The bars before those asked for take more than ${MOST_MS / 1000} s to read: name indicators of shorter periods, or ask for fewer symbols or a shorter timeframe.`

const TOO_MANY = `More than ${MOST_BARS.toLocaleString('en-US')} bars before those asked for would have to be read: leave out obv, which counts from the first one, or ask for a longer timeframe.`

/** What a page of bars of one symbol is asked with. */
export function queryOf({ symbol, timeframe, zone, session }: BarsOf) {
  const sessionOf = session === undefined ? undefined : () => session
  return { timeframe, zone, asof: undefined, symbols: [symbol], sessionOf }
}

/** What never forgets begins with the first bar of a symbol. */
async function refuseLong(sources: Read, { symbol }: BarsOf, time: number): Promise<void> {
  const all = { from: EARLIEST, to: LATEST }
  const known = await knownDaysOf(sources.database, all, { symbols: [symbol], before: 0 })
  const first = known.get(symbol)?.from ?? time
  if (time - first <= MOST_DAYS * DAY_MS) return
  throw new BadRequestError([
    {
      parameter: 'names',
      value: 'obv',
      allowed: `indicators that forget: obv counts from the first bar of ${symbol}, more than ${MOST_DAYS} days before`,
    },
  ])
}

/** A bar in the form of the analysis. */
export function seriesBarOf(row: BarRow): SeriesBar {
  return toSeriesBar({ ...row, start: row.time })
}

/** The sweeper closes a minute without trades within so long. */
const CLOSED_MS = 120_000

/** Keeps the bars up to the last one that is over: a bar that is filling has no signals, and one before another is over. */
export function closedOf(of: BarCut, rows: readonly BarRow[], now: number): readonly BarRow[] {
  const last = rows.reduce(
    (newest, row) => (row.time > newest && isClosed(of, row, now) ? row.time : newest),
    -Infinity,
  )
  return rows.filter(({ time }) => time <= last)
}

function isClosed(of: BarCut, { time, complete }: BarRow, now: number): boolean {
  if (time * 1000 + longest(of.timeframe) + CLOSED_MS <= now) return true
  const [bar] = startsWithin(of, { from: time * 1000, to: time * 1000 + 1 }, 'asc')
  const end = (bar?.end ?? time) * 1000
  return end <= now && (complete !== false || end + CLOSED_MS <= now)
}
