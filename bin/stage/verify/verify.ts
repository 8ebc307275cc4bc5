import type { Client } from 'pg'

import { openScreen } from '../../terminal/screen.ts'
import { table } from '../../terminal/table.ts'
import type { DeployedStage } from '../find-deployment.ts'
import { checkGroups } from './check-groups.ts'
import { findConnections } from './connections.ts'
import type { Finding } from './finding.ts'
import { makeChecks } from './make-checks.ts'
import { printText, warnLine } from '../../terminal/print.ts'

export type VerifyOptions = {
  /** Connection string of `app_readonly`. @default the one in its secret */
  readonly database?: string
  /** Symbols that the feed has. */
  readonly symbols: number
  /** Bars recomputed from the stream, at the most. */
  readonly sample: number
  readonly json?: boolean
}

const SHOWN = {
  passed: 'passed',
  failed: 'FAILED',
  'none-yet': 'none yet',
  'not-checked': 'not checked',
} as const

/** The acceptance test of a deployment; 1 when a check fails or could not be made. */
export async function verify(
  deployed: DeployedStage,
  { database, symbols, sample, json }: VerifyOptions,
): Promise<number> {
  const screen = openScreen(process.stderr)
  const connections = await findConnections({ deployed, database })
  const reader = openedOnce(connections.read)
  const groups = checkGroups({ deployed, symbols, sample, connections, read: reader.get })
  const { findings, hindrances } = await makeChecks(groups, {
    unreachable: connections.unreachable,
    onGroup: (doing) => screen.status(`${doing} ...`),
  })
  await reader.end()
  screen.end()
  printText(json ? `${JSON.stringify(findings, undefined, 2)}\n` : report(findings))
  if (hindrances.length > 0) warnLine(`not all was checked: ${hindrances.join('; ')}`)
  return hindrances.length > 0 || findings.some(({ verdict }) => verdict === 'failed') ? 1 : 0
}

/** One session for all readers, opened when the first needs it. */
function openedOnce(open: () => Promise<Client>) {
  let opened: Promise<Client> | undefined
  return {
    get: () => (opened ??= open()),
    end: async () => {
      const client = await opened?.catch(() => undefined)
      await client?.end()
    },
  }
}

function report(findings: readonly Finding[]): string {
  const counts = Object.entries(SHOWN)
    .map(([verdict, name]) => [name, findings.filter((each) => each.verdict === verdict).length] as const)
    .filter(([, count]) => count > 0)
  const summary = counts.map(
    ([name, count]) => `${count} ${name}${name === SHOWN['none-yet'] ? ' (not counted as passed)' : ''}`,
  )
  const rows = findings.map(({ check, expected, found, verdict }) => [check, expected, found, SHOWN[verdict]])
  return `${table(['check', 'expected', 'found', ''], rows)}\n${summary.join(', ')}\n`
}
