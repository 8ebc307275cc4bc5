import { type Finding, minuteKey, revisionKey } from './findings.ts'
import type { Answer, History, SeenBar } from './history.ts'
import type { Market, PutTrade } from './market.ts'
import type { Sight } from './sights.ts'

/** What is to be there once everything has been done, by what clients read then. */
export function checkEnd(
  history: History,
  { market, sights }: { readonly market: Market; readonly sights: readonly Sight[] },
): Finding[] {
  const { answers, reports, settledAt = Number.POSITIVE_INFINITY } = history
  const last = answers.filter(({ sentAt, status }) => status === 200 && sentAt >= settledAt)
  const read = symbolsOf(last, 'bars')
  const bars = new Map(barsOf(last, 'bars').map((bar) => [minuteKey(bar), bar]))
  const reported = Map.groupBy(reports, minuteKey)
  const unread = market.symbols().filter((symbol) => !read.has(symbol))
  return [
    ...unread.map((symbol): Finding => ({
      kind: 'unread',
      text: `${symbol}: nobody has read its bars at the end`,
    })),
    ...[...market.minutes()].flatMap(([key, trades]) => {
      if (!read.has(symbolIn(key))) return []
      const told = (reported.get(key) ?? []).reduce((sum, { trades: each }) => sum + each, 0)
      return minuteFindings({ key, trades, told, bar: bars.get(key) })
    }),
    ...lostRevisions(last, { bars, sights }),
  ]
}

function symbolIn(key: string): string {
  return key.slice(0, key.lastIndexOf(' '))
}

function minuteFindings({
  key,
  trades,
  told,
  bar,
}: {
  readonly key: string
  readonly trades: readonly PutTrade[]
  readonly told: number
  readonly bar: SeenBar | undefined
}): Finding[] {
  const acknowledged = trades.filter(({ isAcknowledged }) => isAcknowledged).length
  const lacking = acknowledged - told - (bar?.tradeCount ?? 0)
  if (lacking > 0) {
    const text = `${key}: ${acknowledged} trades acknowledged, ${bar?.tradeCount ?? 'no bar'} at the end, ${told} reported`
    return [{ kind: bar === undefined ? 'unreported' : 'lost', text, count: lacking }]
  }
  if (bar?.complete !== false || told > 0) return []
  return [
    { kind: 'complete', text: `${revisionKey(bar)}: complete is false at the end, and no trade is missing` },
  ]
}

/** Every revision that was seen of a corrected bar is among its revisions for ever. */
function lostRevisions(
  last: readonly Answer[],
  { bars, sights }: { readonly bars: ReadonlyMap<string, SeenBar>; readonly sights: readonly Sight[] },
): Finding[] {
  const read = symbolsOf(last, 'revisions')
  const stored = new Set([...bars.values(), ...barsOf(last, 'revisions')].map(revisionKey))
  const seen = new Map(sights.map((sight) => [revisionKey(sight.bar), sight]))
  return [...seen].flatMap(([key, { bar, by }]): Finding[] =>
    read.has(bar.symbol) && !stored.has(key)
      ? [{ kind: 'revision-lost', text: `${key}: seen (${by}), and not there at the end` }]
      : [],
  )
}

function symbolsOf(answers: readonly Answer[], kind: 'bars' | 'revisions'): ReadonlySet<string> {
  return new Set(answers.flatMap(({ request }) => (request.kind === kind ? [request.symbol] : [])))
}

function barsOf(answers: readonly Answer[], kind: 'bars' | 'revisions'): SeenBar[] {
  return answers.flatMap(({ request, bars }) => (request.kind === kind ? bars : []))
}
