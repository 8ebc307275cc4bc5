import { differences } from '../../../stage/verify/bar-differences.ts'
import { clockText, type Finding, revisionKey } from './findings.ts'
import type { SeenBar } from './history.ts'
import type { Market, PutTrade } from './market.ts'
import type { Sight } from './sights.ts'

/** Holds each content that was seen of a revision against the trades that had been put by then. */
export function checkContents(sights: readonly Sight[], market: Market): Finding[] {
  const seen = new Set<string>()
  return sights.flatMap(({ bar, at, by }) => {
    const content = JSON.stringify(bar)
    if (seen.has(content)) return []
    seen.add(content)
    const where = `${revisionKey(bar)} (${by}, ${clockText(at)})`
    return findingsOf(bar, { at, where, market })
  })
}

function findingsOf(
  bar: SeenBar,
  { at, where, market }: { readonly at: number; readonly where: string; readonly market: Market },
): Finding[] {
  const all = market.ofMinute(bar)
  const put = all.filter(({ sentAt }) => sentAt <= at).length
  if (bar.tradeCount > put)
    return [
      {
        kind: 'doubled',
        text: `${where}: ${bar.tradeCount} trades, and ${put} were put`,
        count: bar.tradeCount - put,
      },
    ]
  const { start = 0 } = market.fold(bar, bar.tradeCount) ?? {}
  // What the bar says of its completeness is judged by itself.
  const difference = differences(market.fold(bar, bar.tradeCount), { ...bar, start, complete: null })
  if (difference !== undefined) return [{ kind: 'differs', text: `${where}: ${difference}` }]
  const lacking = bar.complete === true ? knownToLack(bar, market) : []
  if (lacking.length === 0) return []
  const ids = lacking.map(({ trade }) => trade.id).join(', ')
  return [{ kind: 'complete', text: `${where}: complete is true, and trades ${ids} are not in it` }]
}

/**
 * The acknowledged trades that a bar lacks between ids that were applied when it was made: its line shows them to be
 * missing. Of one that lies outside of these nobody can know yet.
 */
function knownToLack(bar: SeenBar, market: Market): readonly PutTrade[] {
  const all = market.ofMinute(bar)
  const last = all[bar.tradeCount - 1]
  if (last === undefined) return []
  const applied = market.upTo(bar.symbol, last.place).flatMap(({ trade }) => trade.id ?? [])
  const [lowest, highest] = applied.reduce(
    ([low, high], id) => [Math.min(low, id), Math.max(high, id)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  )
  return all
    .slice(bar.tradeCount)
    .filter(
      ({ trade: { id = 0 }, isAcknowledged }) => isAcknowledged && id > (lowest ?? 0) && id < (highest ?? 0),
    )
}
