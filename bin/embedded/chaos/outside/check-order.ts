import { clockText, type Finding, minuteKey, revisionKey } from './findings.ts'
import type { Answer, Connection, SeenBar } from './history.ts'

/** A lower revision follows a higher one on a connection only as a repetition. */
export function checkConnectionOrder(connections: readonly Connection[]): Finding[] {
  return connections.flatMap(({ id, client, received }) => {
    const seen = new Set<string>()
    const highest = new Map<string, number>()
    return received.flatMap(({ bar, at }): Finding[] => {
      const [key, minute] = [revisionKey(bar), minuteKey(bar)]
      const before = highest.get(minute) ?? -1
      const isNew = !seen.has(key)
      seen.add(key)
      highest.set(minute, Math.max(before, bar.revision))
      if (!isNew || bar.revision > before) return []
      const where = `connection ${id} of client ${client}, ${clockText(at)}`
      return [{ kind: 'reordered', text: `${key}: first received after r${before} (${where})` }]
    })
  })
}

/** What an answer has shown, any answer of the endpoint shows in that revision or a later one that was asked for afterwards. */
export function checkAnswerOrder(answers: readonly Answer[]): Finding[] {
  return (['latest', 'bars', 'revisions'] as const).flatMap((kind) =>
    ofEndpoint(answers.filter(({ request, status }) => request.kind === kind && status === 200)),
  )
}

type Shown = { readonly bar: SeenBar; readonly answeredAt: number }

function ofEndpoint(answers: readonly Answer[]): Finding[] {
  const bySending = answers.toSorted((one, other) => one.sentAt - other.sentAt)
  const byAnswer = answers.toSorted((one, other) => one.answeredAt - other.answeredAt)
  const known = new Map<string, Map<string, Shown>>()
  let next = 0
  return bySending.flatMap((answer) => {
    for (;;) {
      const before = byAnswer[next]
      if (before === undefined || before.answeredAt >= answer.sentAt) break
      note(known, before)
      next++
    }
    return wentBack(answer, known)
  })
}

/** By symbol and minute the newest revision; of the endpoint of the newest bars by symbol the newest bar. */
function note(known: Map<string, Map<string, Shown>>, { bars, answeredAt, request }: Answer): void {
  for (const bar of bars) {
    const ofSymbol = known.get(bar.symbol) ?? new Map<string, Shown>()
    known.set(bar.symbol, ofSymbol)
    const key = request.kind === 'latest' ? '' : bar.timestamp
    const before = ofSymbol.get(key)
    if (before === undefined || isNewer(bar, before.bar)) ofSymbol.set(key, { bar, answeredAt })
  }
}

function isNewer(one: SeenBar, other: SeenBar): boolean {
  if (one.timestamp === other.timestamp) return one.revision > other.revision
  return one.timestamp > other.timestamp
}

function wentBack(
  { request, bars, sentAt, client }: Answer,
  known: ReadonlyMap<string, ReadonlyMap<string, Shown>>,
): Finding[] {
  const symbols = request.kind === 'latest' ? request.symbols : [request.symbol]
  return symbols.flatMap((symbol) => {
    const newest = new Map<string, SeenBar>()
    for (const bar of bars.filter((each) => each.symbol === symbol)) {
      const key = request.kind === 'latest' ? '' : bar.timestamp
      const before = newest.get(key)
      if (before === undefined || isNewer(bar, before)) newest.set(key, bar)
    }
    return [...(known.get(symbol) ?? [])].flatMap(([key, { bar, answeredAt }]): Finding[] => {
      if (request.kind !== 'latest' && (key < request.start || key > request.end)) return []
      const found = newest.get(key)
      if (found !== undefined && !isNewer(bar, found)) return []
      const now = found === undefined ? 'nothing' : revisionKey(found)
      return [
        {
          kind: 'went-back',
          text: `${revisionKey(bar)}: shown at ${clockText(answeredAt)}, and ${now} to client ${client}, who asked for ${request.kind} at ${clockText(sentAt)}`,
        },
      ]
    })
  })
}
