import { count, type Screen } from '../../terminal/screen.ts'
import type { Balance } from './balance.ts'
import { FINDINGS, type FindingKind } from './outside/findings.ts'
import type { Judgement } from './outside/judge.ts'

const FAULTS_SHOWN = 20
/** The width of the names. */
const NAME = 40

type Row = readonly [name: string, value: number, aim?: number]

/** Prints the balance; false when a row is not what it is to be. */
export function printBalance(balance: Balance, screen: Screen): boolean {
  printFaults(balance.faults, screen)
  return printRows(
    [
      ['trades acknowledged', balance.acknowledged],
      ['trades in bars', balance.inBars, balance.acknowledged],
      ['trades lost', balance.lost, 0],
      ['trades doubled', balance.doubled, 0],
      ['bars', balance.bars],
      ['bars that differ', balance.wrongBars, 0],
      ['revisions sent', balance.revisions],
      ['revisions missing', balance.revisionsMissing, 0],
      ['WebSocket clients', balance.clients],
      ['WebSocket connections', balance.connections],
      ['clients not told of a gap', balance.clientsNotTold, 0],
      ['dead letters', balance.deadLetters, 0],
    ],
    screen,
  )
}

/** Prints what was seen from outside, and each kind of finding; false when there is one. */
export function printJudgement({ findings, ...numbers }: Judgement, screen: Screen): boolean {
  printFaults(
    findings.map(({ kind, text }) => `${kind}: ${text}`),
    screen,
  )
  const ofKind = (kind: FindingKind): number =>
    findings.filter((finding) => finding.kind === kind).reduce((sum, { count: each = 1 }) => sum + each, 0)
  const kinds = Object.keys(FINDINGS).filter(isKind)
  return printRows(
    [
      ['trades acknowledged', numbers.acknowledged],
      ['answers over REST', numbers.answers],
      ['answers as of a time, asked for again', numbers.asofAgain],
      ['bars received over WebSocket', numbers.received],
      ['revisions seen', numbers.revisions],
      ...kinds.map((kind): Row => [FINDINGS[kind], ofKind(kind), 0]),
    ],
    screen,
  )
}

function isKind(text: string): text is FindingKind {
  return Object.hasOwn(FINDINGS, text)
}

function printFaults(faults: readonly string[], screen: Screen): void {
  for (const fault of faults.slice(0, FAULTS_SHOWN)) screen.print(fault)
  if (faults.length > FAULTS_SHOWN) screen.print(`... and ${count(faults.length - FAULTS_SHOWN)} more`)
}

function printRows(rows: readonly Row[], screen: Screen): boolean {
  for (const [name, value, aim] of rows)
    screen.print(
      `${name.padEnd(NAME)} ${count(value).padStart(10)}${aim === undefined ? '' : ` aim ${count(aim)}`}`,
    )
  return rows.every(([, value, aim]) => aim === undefined || value === aim)
}
