import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import * as z from 'zod'

import { finalizeThrough } from '../../functions/domain/finalize.ts'
import { INITIAL_STATE, type MinuteState } from '../../functions/domain/minute-state.ts'
import { createMinuteStateStore } from '../../functions/minute-state/store.ts'
import { retryOnConflict } from '../../functions/shared/dynamodb/retry-on-conflict.ts'
import type { StateStore } from '../../functions/shared/dynamodb/state-store.ts'
import { concurrently } from '../../functions/shared/runtime/concurrently.ts'
import { UsageError } from '../terminal/errors.ts'
import { countLine } from '../terminal/count-lines.ts'
import { count, openScreen } from '../terminal/screen.ts'
import { clientOptions } from './client-options.ts'
import { deployedEnvironment } from './deployed-function.ts'
import type { DeployedStage } from './find-deployment.ts'
import { partInvoker } from './invoke-part.ts'

const COMMITS_AT_ONCE = 50

const answerSchema = z.object({
  symbols: z.array(z.tuple([z.string(), z.number()])),
  next: z.string().optional(),
})

/**
 * Finalizes, in the state of each symbol that has bars, the minutes up to its newest bar: a state that was lost, or came
 * from a backup, does not know them.
 */
export async function recoverState(deployed: DeployedStage): Promise<number> {
  const { MINUTE_STATE_TABLE = '' } = await deployedEnvironment('aggregator', deployed)
  const ask = await partInvoker('rebuilder', deployed)
  const client = new DynamoDBClient(clientOptions('DYNAMODB', deployed.environment))
  const store = createMinuteStateStore(client, MINUTE_STATE_TABLE)
  const screen = openScreen()
  let [finalized, others] = [0, 0]
  for (let after: string | undefined = ''; after !== undefined;) {
    const { symbols, next } = answerSchema.parse(await ask({ type: 'newest-bars', after }))
    const changed = await finalizeAll(store, new Map(symbols))
    finalized += changed
    others += symbols.length - changed
    screen.status(`${count(finalized + others)} symbols`)
    after = next
  }
  screen.end()
  screen.print(countLine(finalized, 'symbols whose minutes with bars are finalized now'))
  screen.print(countLine(others, 'symbols whose minutes with bars were finalized'))
  return 0
}

/** Returns how many states changed. */
async function finalizeAll(
  store: Pick<StateStore<MinuteState>, 'load' | 'commit'>,
  newest: ReadonlyMap<string, number>,
): Promise<number> {
  let changed = 0
  const exhausted = await retryOnConflict([...newest.keys()], async (symbols) => {
    const states = await store.load(symbols)
    const conflicts: string[] = []
    await concurrently(symbols, COMMITS_AT_ONCE, async (symbol) => {
      const { version, state } = states.get(symbol) ?? { version: 0, state: INITIAL_STATE }
      const start = newest.get(symbol)
      if (start === undefined || state.keptFrom > start) return
      const result = await store.commit(symbol, finalizeThrough(state, start), { expectedVersion: version })
      if (result.type === 'conflict') conflicts.push(symbol)
      else changed++
    })
    return conflicts
  })
  const [first] = exhausted.keys()
  if (first !== undefined)
    throw new UsageError(
      `the state of ${count(exhausted.size)} symbols (${first}) changes all the time: turn the flag aggregation off, and give the command again`,
    )
  return changed
}
