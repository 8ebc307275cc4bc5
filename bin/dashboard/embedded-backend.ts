import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import * as z from 'zod'

import type { Deployment } from '../embedded/deployment.ts'
import type { FigureReader } from '../embedded/figures.ts'
import { openDeadLetters } from '../stage/dead-letters/open-dead-letters.ts'
import { openAlerts } from '../stage/alerts/call-alerts.ts'
import { openJobs } from '../stage/jobs/call-jobs.ts'
import { deployedFlags } from '../stage/flags.ts'
import { openActions } from './actions.ts'
import type { Backend, SystemFigures } from './backend.ts'

/** The file of the data folder that says what operators did. */
const ACTIONS_FILE = 'dashboard-actions.jsonl'

const STAGE = 'local'
const PREFIX = `tickstock-${STAGE}-`
const PACKAGE = new URL('../../package.json', import.meta.url)

/** A deployment on this machine, as the dashboard shows it. */
export function embeddedBackend(
  { runtime, api, webSocketUrl }: Pick<Deployment, 'runtime' | 'api' | 'webSocketUrl'>,
  { data, figures }: { readonly data: string; readonly figures: FigureReader },
): Backend {
  const { environment } = runtime
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(PACKAGE, 'utf8')))
  let working: Promise<unknown> = Promise.resolve()
  return {
    stage: STAGE,
    version,
    api,
    webSocketUrl,
    flags: deployedFlags(STAGE, environment),
    figures: () => figuresOf(figures, runtime),
    jobs: openJobs({ stage: STAGE, environment }),
    alerts: openAlerts({ stage: STAGE, environment }),
    withDeadLetters: (work) => {
      const result = working.then(
        async () => await work(await openDeadLetters({ stage: STAGE, environment })),
      )
      working = result.catch(() => {})
      return result
    },
    actions: openActions(join(data, ACTIONS_FILE)),
  }
}

function figuresOf(figures: FigureReader, runtime: Pick<Deployment['runtime'], 'lag'>): SystemFigures {
  const { ticks: ticksTotal, latencyP50: p50 = null, latencyP99: p99 = null, ...all } = figures.get()
  const { ticksPerSecond, late, rejected, duplicates, missing, bars, revised, incomplete } = all
  const byPart = Map.groupBy(runtime.lag(), ({ functionName }) => functionName.replace(PREFIX, ''))
  return {
    metrics: { ticksPerSecond, ticksTotal, late, rejected, duplicates, missing, bars, revised, incomplete },
    lag: [...byPart].map(([part, mappings]) => ({
      part,
      ms: Math.max(...mappings.map(({ oldestMs }) => oldestMs)),
      records: mappings.reduce((sum, { records }) => sum + records, 0),
    })),
    latency: { bar: { p50, p99 } },
  }
}
