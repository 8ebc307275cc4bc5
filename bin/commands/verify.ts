import { openScreen } from '../local/screen.ts'
import { table } from '../local/table.ts'
import { findConnections } from '../verify/connections.ts'
import { checkExactness } from '../verify/exactness.ts'
import type { Finding } from '../verify/finding.ts'
import { checkPermissions } from '../verify/permissions.ts'
import { checkRates } from '../verify/rates.ts'
import { checkStateMemory } from '../verify/state-memory.ts'
import { runValidationQueries } from '../verify/validation-queries.ts'

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

/** The acceptance test of a running deployment; 1 when anything falls short. */
export async function verify(options: VerifyOptions): Promise<number> {
  const { stage, symbols, sample } = options
  const endpoint =
    options.endpoint ?? process.env['AWS_ENDPOINT_URL'] ?? (stage === 'local' ? LOCAL_ENDPOINT : undefined)
  if (endpoint !== undefined) process.env['AWS_ENDPOINT_URL'] = endpoint
  const screen = openScreen(process.stderr)
  const findings: Finding[] = []
  const connections = await findConnections(options)
  const client = await connections.read()
  try {
    screen.status('running the validation queries ...')
    findings.push(...(await runValidationQueries(client, { symbols })))
    screen.status('trying what app_readonly may ...')
    findings.push(...(await checkPermissions(connections)))
    screen.status('measuring ...')
    findings.push(...(await checkRates(client, { symbols })), ...(await checkStateMemory(stage)))
    screen.status('recomputing bars from the stream ...')
    findings.push(...(await checkExactness(client, { stage, sample })))
  } finally {
    await client.end()
    screen.end()
  }
  process.stdout.write(options.json ? `${JSON.stringify(findings, undefined, 2)}\n` : report(findings))
  return findings.some(({ verdict }) => verdict === 'failed') ? 1 : 0
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
