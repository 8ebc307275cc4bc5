import type { Client } from 'pg'

import { openScreen } from '../terminal/screen.ts'
import { table } from '../terminal/table.ts'
import { checkGroups } from '../stage/verify/check-groups.ts'
import { findConnections } from '../stage/verify/connections.ts'
import type { Finding } from '../stage/verify/finding.ts'
import { makeChecks } from '../stage/verify/make-checks.ts'

export type VerifyOptions = {
  readonly stage: string
  /** AWS endpoint; undefined leaves what the environment says. */
  readonly endpoint: string | undefined
  /** Connection string of `app_readonly`; undefined takes the secret. */
  readonly database: string | undefined
  /** Symbols that the feed has. */
  readonly symbols: number
  /** Bars recomputed from the stream, at the most. */
  readonly sample: number
  readonly json: boolean
}

/** Where `npm start` listens when it is not told otherwise. */
const LOCAL_ENDPOINT = 'http://127.0.0.1:4566'

const SHOWN = {
  passed: 'passed',
  failed: 'FAILED',
  'none-yet': 'none yet',
  'not-checked': 'not checked',
} as const

/** The acceptance test of a running deployment; 1 when anything falls short or could not be checked. */
export async function verify(options: VerifyOptions): Promise<number> {
  const { stage } = options
  if (options.endpoint !== undefined) forgetEndpoints()
  const endpoint =
    options.endpoint ?? process.env['AWS_ENDPOINT_URL'] ?? (stage === 'local' ? LOCAL_ENDPOINT : undefined)
  if (endpoint !== undefined) process.env['AWS_ENDPOINT_URL'] = endpoint
  const screen = openScreen(process.stderr)
  const connections = await findConnections(options)
  const reader = openedOnce(connections.read)
  const groups = checkGroups({ ...options, connections, read: reader.get })
  const { findings, hindrances } = await makeChecks(groups, {
    unreachable: connections.unreachable,
    onGroup: (doing) => screen.status(`${doing} ...`),
  })
  await reader.end()
  screen.end()
  process.stdout.write(options.json ? `${JSON.stringify(findings, undefined, 2)}\n` : report(findings))
  if (hindrances.length > 0) process.stderr.write(`not all was checked: ${hindrances.join('; ')}\n`)
  return hindrances.length > 0 || findings.some(({ verdict }) => verdict === 'failed') ? 1 : 0
}

/** An endpoint that was named counts for every service, whatever the environment says of one. */
function forgetEndpoints(): void {
  for (const name of Object.keys(process.env))
    if (name.startsWith('AWS_ENDPOINT_URL')) delete process.env[name]
}

/** One session for all who read, made when the first of them asks. */
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
