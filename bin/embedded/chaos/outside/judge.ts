import { checkAgreement, checkAsof } from './check-agreement.ts'
import { checkContents } from './check-contents.ts'
import { checkEnd } from './check-end.ts'
import { checkGaps } from './check-gaps.ts'
import { checkAnswerOrder, checkConnectionOrder } from './check-order.ts'
import type { Finding } from './findings.ts'
import { type HistoryEvent, toHistory } from './history.ts'
import { Market } from './market.ts'
import { sightsOf } from './sights.ts'

/** What producers and clients did and saw, in numbers, and what broke a promise. */
export type Judgement = {
  readonly acknowledged: number
  readonly answers: number
  /** Answers as of a time that was asked for before. */
  readonly asofAgain: number
  readonly received: number
  readonly revisions: number
  readonly findings: readonly Finding[]
}

/**
 * Judges a deployment by nothing but what its producers and clients saw.
 *
 * @param events in the order in which they happened
 */
export function judge(events: readonly HistoryEvent[]): Judgement {
  const history = toHistory(events)
  const { puts, answers, connections } = history
  const market = new Market(puts)
  const sights = sightsOf(history)
  const answered = answers.filter(({ status }) => status === 200)
  const asof = answered.flatMap(({ request }) => (request.kind === 'asof' ? [JSON.stringify(request)] : []))
  return {
    acknowledged: puts
      .filter(({ outcome }) => outcome === 'acknowledged')
      .reduce((sum, { trades }) => sum + trades.length, 0),
    answers: answered.length,
    asofAgain: asof.length - new Set(asof).size,
    received: connections.reduce((sum, { received }) => sum + received.length, 0),
    revisions: new Set(
      sights.map(({ bar: { symbol, timestamp, revision } }) => `${symbol} ${timestamp} ${revision}`),
    ).size,
    findings: [
      ...checkEnd(history, { market, sights }),
      ...checkContents(sights, market),
      ...checkAgreement(sights),
      ...checkConnectionOrder(connections),
      ...checkAnswerOrder(answers),
      ...checkAsof(answers),
      ...checkGaps(connections, { sights, market }),
    ],
  }
}
