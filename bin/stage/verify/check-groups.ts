import type { Client } from 'pg'

import { isAnyOpen, isOff, parseTradingHours } from '../../../functions/shared/runtime/trading-hours.ts'
import type { Flag } from '../../../functions/shared/runtime/flag-names.ts'
import { deployedEnvironment } from '../deployed-function.ts'
import type { DeployedStage } from '../find-deployment.ts'
import { deployedFlags } from '../flags.ts'
import { checkCompleteness } from './completeness.ts'
import type { Connections } from './connections.ts'
import { checkExactness } from './exactness.ts'
import type { CheckGroup } from './make-checks.ts'
import { checkPermissions } from './permissions.ts'
import { checkRates, latencyTarget } from './rates.ts'
import { checkStateMemory } from './state-memory.ts'
import { runValidationQueries } from './validation-queries.ts'

export type Subject = {
  readonly deployed: DeployedStage
  /** Symbols that the feed has. */
  readonly symbols: number
  /** Bars recomputed from the stream, at the most. */
  readonly sample: number
  readonly connections: Connections
  /** The session of those who only read. */
  readonly read: () => Promise<Client>
}

/** All that verify checks, in order. */
export function checkGroups({
  deployed,
  symbols,
  sample,
  connections,
  read,
}: Subject): readonly CheckGroup[] {
  return [
    {
      name: 'the five validation queries',
      doing: 'running the validation queries',
      needs: 'database',
      run: async () => {
        const analytics = connections.unreachable === undefined ? await analyticsFlag(deployed) : undefined
        return await runValidationQueries(await read(), { symbols, analytics })
      },
    },
    {
      name: 'completeness of bars',
      doing: 'counting bars that lack trades',
      needs: 'database',
      run: async () => await checkCompleteness(await read()),
    },
    {
      name: 'permissions of app_readonly',
      doing: 'trying what app_readonly may',
      needs: 'database',
      run: async () => await checkPermissions(connections),
    },
    {
      name: 'rates and latency',
      doing: 'measuring',
      needs: 'database',
      run: async () => {
        const [target, market] = await Promise.all([targetOf(deployed), marketOf(deployed)])
        return await checkRates(await read(), { symbols, target, market })
      },
    },
    {
      name: 'memory of the state',
      doing: 'measuring',
      needs: 'aws',
      run: async () => await checkStateMemory(deployed),
    },
    {
      name: 'bars recomputed from the stream',
      doing: 'recomputing bars from the stream',
      needs: 'aws',
      run: async () => await checkExactness(await read(), { deployed, sample }),
    },
  ]
}

/** By what the functions are deployed with; that of `low` where AWS does not answer. */
async function targetOf(deployed: DeployedStage) {
  if (deployed.stage === 'local') return latencyTarget(deployed.stage, undefined)
  const environment = await deployedEnvironment('bar-writer', deployed).catch(() => undefined)
  return latencyTarget(deployed.stage, environment?.['LATENCY'])
}

/** Live bars come minutes after the open. */
const AFTER_OPEN_MS = 240_000

/** Closed where the deployed `tradingHours` say so; open where they, or AWS, do not say. */
async function marketOf(deployed: DeployedStage): Promise<'open' | 'closed'> {
  const environment = await deployedEnvironment('sweeper', deployed).catch(() => undefined)
  const hours = parseTradingHours(environment?.['TRADING_HOURS'] ?? 'off')
  const now = Date.now()
  return isOff(hours) || (isAnyOpen(hours, now) && isAnyOpen(hours, now - AFTER_OPEN_MS)) ? 'open' : 'closed'
}

/** Undefined when it cannot be read: then nothing is excused. */
async function analyticsFlag({ prefix, stage, environment }: DeployedStage): Promise<Flag | undefined> {
  const flags = await deployedFlags(stage, environment, prefix)
    .list()
    .catch(() => undefined)
  return flags?.get('analytics')
}
