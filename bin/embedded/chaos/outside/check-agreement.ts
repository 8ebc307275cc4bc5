import { clockText, type Finding, revisionKey } from './findings.ts'
import type { Answer } from './history.ts'
import type { Sight } from './sights.ts'

/** A revision has one content, whoever sees it, over REST or WebSocket. */
export function checkAgreement(sights: readonly Sight[]): Finding[] {
  const first = new Map<string, Sight>()
  const told = new Set<string>()
  return sights.flatMap((sight): Finding[] => {
    const key = revisionKey(sight.bar)
    const before = first.get(key)
    first.set(key, before ?? sight)
    const difference = before && differenceOf(before, sight)
    if (difference === undefined || told.has(`${key} ${difference}`)) return []
    told.add(`${key} ${difference}`)
    return [{ kind: 'disagrees', text: `${key}: ${difference}` }]
  })
}

function differenceOf(before: Sight, after: Sight): string | undefined {
  const others = new Map(Object.entries(after.bar))
  const fields = Object.entries(before.bar).filter(([name, value]) => others.get(name) !== value)
  if (fields.length === 0) return undefined
  const texts = fields.map(([name, value]) => `${name} ${String(value)} and ${String(others.get(name))}`)
  return `${texts.join(', ')} (${before.by} and ${after.by})`
}

/** The same question as of a time has the same answer for ever, once it has one. */
export function checkAsof(answers: readonly Answer[]): Finding[] {
  const first = new Map<string, Answer>()
  return answers.flatMap((answer): Finding[] => {
    const { request, status, bars } = answer
    if (request.kind !== 'asof' || status !== 200) return []
    const key = JSON.stringify(request)
    const before = first.get(key)
    first.set(key, before ?? answer)
    if (before === undefined || JSON.stringify(before.bars) === JSON.stringify(bars)) return []
    const { symbol, asof } = request
    return [
      {
        kind: 'asof-changed',
        text: `${symbol} as of ${asof}: ${changeOf(before, answer)}`,
      },
    ]
  })
}

function changeOf(before: Answer, after: Answer): string {
  const [old, now] = [before, after].map(({ bars }) => new Set(bars.map(revisionKey)))
  const gone = [...(old ?? [])].filter((key) => now?.has(key) !== true)
  const come = [...(now ?? [])].filter((key) => old?.has(key) !== true)
  return `${before.bars.length} bars at ${clockText(before.answeredAt)}, ${after.bars.length} at ${clockText(after.answeredAt)}; gone: ${gone.join(', ') || 'none'}; come: ${come.join(', ') || 'none'}`
}
