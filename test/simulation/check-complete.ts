import { minuteOf } from '../../functions/domain/bar-builder.ts'
import type { Trade } from '../../functions/domain/trade.ts'
import type { StoredBar } from '../../functions/rebuilder/stored-bars.ts'
import type { Services } from './services.ts'

type Named = { readonly symbol: string; readonly when: 'before a rebuild' | 'after a rebuild' }

type Numbered = {
  readonly trades: readonly Trade[]
  readonly cancelled: ReadonlyMap<number, Trade>
  readonly rows: ReadonlyMap<number, StoredBar>
}

/** A bar says that it is complete only where no trade between its neighbours is missing. */
export function checkComplete(
  { trace, minutes }: Services,
  name: Named,
  { trades, cancelled, rows }: Numbered,
): void {
  const { symbol, when } = name
  // One that was cancelled before it came is not missing.
  const known = new Map([...cancelled, ...trades.map((each) => [each.id ?? 0, each] as const)])
  const come = [...known].toSorted(([one], [other]) => one - other)
  const lacking = new Set<number>()
  for (const [index, [id, { seconds }]] of come.entries()) {
    const next = come[index + 1]
    if (next === undefined || next[0] === id + 1) continue
    for (let minute = minuteOf(seconds); minute <= next[1].seconds; minute += 60) lacking.add(minute)
  }
  for (const [start, { complete, withdrawn }] of rows) {
    if (withdrawn || (when === 'before a rebuild' && minutes.rebuilt.has(`${symbol} ${start}`))) continue
    if (complete === false) trace.reach('bar incomplete')
    const bar = `${when}, ${symbol} ${new Date(start * 1000).toISOString()}`
    if (complete === true && lacking.has(start)) trace.violate(`${bar} says that it is complete, and is not`)
    const isFirst = start === minuteOf(come[0]?.[1].seconds ?? 0)
    const isTold = when === 'after a rebuild' && !isFirst
    if (isTold && complete !== !lacking.has(start)) trace.violate(`${bar}: complete is ${complete}`)
  }
}
