import type { GatheredTrades } from '../stage/gather-trades.ts'
import { rejectsText } from '../stage/rejects.ts'
import { count, type Screen } from '../terminal/screen.ts'

/** The rows that were read, and what became of them. */
type Rows = Pick<GatheredTrades, 'counts' | 'hasConditions'>

/** Prints what was read, of a dry run and where there is nothing to make bars of; 1 when no row is a trade. */
export function reportRows(
  gathered: Rows,
  { screen, good }: { readonly screen: Screen; readonly good: number },
): number {
  const { counts } = gathered
  screen.end()
  const more = rejectsText(counts)
  if (more !== undefined) screen.print(more)
  const rows = rowsOf(gathered).filter(([name]) => name !== 'duplicates')
  screen.print(summaryLines([...rows, ['trades', count(good)]]))
  if (counts.read === 0) screen.print('the files have no trades, only headers')
  return counts.read > 0 && good === 0 ? 1 : 0
}

/** What the trades that were read came to; without figures of signals where none were computed. */
export type Made = {
  readonly bars: number
  /** Trades in them. */
  readonly trades: number
  /** Trades that the aggregator has refused. */
  readonly rejected: number
  readonly indicators?: number
  readonly patterns?: number
}

/** Prints the summary; 1 when trades are neither in bars nor rejected. */
export function reportReplay(
  { bars, trades, rejected, indicators, patterns }: Made,
  {
    gathered,
    screen,
    seconds,
    written,
  }: {
    readonly gathered: Rows
    readonly screen: Screen
    readonly seconds: number
    readonly written: readonly (readonly [string, string])[]
  },
): number {
  const { counts } = gathered
  const more = rejectsText(counts)
  if (more !== undefined) screen.print(more)
  if (counts.unnumbered > 0)
    screen.print(
      `${count(counts.unnumbered)} ids do not grow with the time, and were left out of their trades`,
    )
  // Sale conditions may keep a trade out of the volume, and so out of the count of its bar.
  const uncounted = counts.put - trades - rejected
  const isExplained = uncounted === 0 || (uncounted > 0 && gathered.hasConditions)
  screen.print(
    summaryLines([
      ...rowsOf(gathered),
      ...(rejected > 0 ? [['refused', `${count(rejected)} by the aggregator`] as const] : []),
      ['trades', `${count(trades)} in bars`],
      ...(uncounted > 0 && isExplained
        ? [['uncounted', `${count(uncounted)} by their sale conditions`] as const]
        : []),
      ['bars', count(bars)],
      ...(indicators === undefined ? [] : [['indicators', count(indicators)] as const]),
      ...(patterns === undefined ? [] : [['patterns', count(patterns)] as const]),
      ['seconds', seconds.toFixed(2)],
      ['trades/s', count(counts.put / seconds)],
      ...written,
    ]),
  )
  if (isExplained) return 0
  screen.print(
    `${count(Math.abs(uncounted))} trades are ${uncounted > 0 ? 'missing from' : 'twice in'} the bars: a fault of TickStock, please report it`,
  )
  return 1
}

/** What became of the rows that make no trade of their own. */
function rowsOf({ counts }: Rows): (readonly [string, string])[] {
  const byReason = (reasons: TradeCountsByReason): string =>
    reasons.length === 0 ? '' : ` (${reasons.map(([reason, rows]) => `${reason} ${count(rows)}`).join(', ')})`
  return [
    ['rows', count(counts.read)],
    ['rejected', `${count(counts.rejectedRows)}${byReason(counts.rejected)}`],
    ['duplicates', count(counts.duplicates)],
    ...(counts.leftOutRows > 0
      ? [['left out', `${count(counts.leftOutRows)}${byReason(counts.leftOut)}`] as const]
      : []),
  ]
}

type TradeCountsByReason = GatheredTrades['counts']['rejected']

function summaryLines(lines: readonly (readonly [string, string])[]): readonly string[] {
  return lines.map(([name, value]) => `${name.padEnd(12)} ${value}`)
}
