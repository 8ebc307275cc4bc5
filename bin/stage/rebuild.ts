import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import * as z from 'zod'

import { noTotals, type Rebuilt } from '../../functions/rebuilder/rebuild.ts'
import { MAX_SECONDS, MAX_SYMBOLS, type TaskEvent } from '../../functions/rebuilder/task.ts'
import { concurrently } from '../../functions/shared/runtime/concurrently.ts'
import { UsageError } from '../terminal/errors.ts'
import { onInterrupt } from '../terminal/interrupt.ts'
import { count, openScreen } from '../terminal/screen.ts'
import { archivedSymbols, archiveOf } from './archived-symbols.ts'
import { clientOptions } from './client-options.ts'
import { deployedEnvironment } from './deployed-function.ts'
import type { DeployedStage } from './find-deployment.ts'

export type RebuildOptions = {
  /** @default those that the archive has trades of in the span */
  readonly symbols?: readonly string[]
  /** Unix seconds; `to` is not in the span. */
  readonly from: number
  /** @default now */
  readonly to?: number
  readonly replace?: boolean
}

/** Tasks that run at the same time. */
const AT_ONCE = 2
/** A call of the function takes 15 minutes at the most. */
const TIMEOUT_MS = 16 * 60_000

const answerSchema: z.ZodType<Rebuilt> = z.object({
  put: z.int(),
  withdrawn: z.int(),
  unchanged: z.int(),
  'not-final': z.int(),
  fewer: z.int(),
  unarchived: z.int(),
})
const faultSchema = z.object({ errorMessage: z.string() })

/** Rebuilds the bars of a deployment from its archive, in tasks of a day; 1 when one of them failed. */
export async function rebuild(deployed: DeployedStage, options: RebuildOptions): Promise<number> {
  const { stage, environment } = deployed
  // A stage without an archive has no such function.
  const { ARCHIVE_BUCKET = '' } = await deployedEnvironment('rebuilder', deployed)
  const client = new LambdaClient({
    ...clientOptions('LAMBDA', environment),
    requestHandler: new NodeHttpHandler({ requestTimeout: TIMEOUT_MS }),
    maxAttempts: 1,
  })
  const screen = openScreen()
  const span = spanOf(options, Date.now())
  screen.status('reading which symbols the archive has')
  const symbols = options.symbols ?? (await archivedSymbols(archiveOf(deployed, ARCHIVE_BUCKET), span))
  const tasks = tasksOf({ ...options, ...span, symbols })
  const signal = onInterrupt(() =>
    screen.print('stopping after the tasks that run (Ctrl-C again: stop at once)'),
  )
  const totals = noTotals()
  const ended = { done: 0, failed: 0 }
  await concurrently(tasks, AT_ONCE, async (task) => {
    if (signal.aborted) return
    screen.status(
      `rebuilding: ${ended.done + ended.failed} of ${tasks.length} tasks, ${count(totals.put)} bars put`,
    )
    try {
      const rebuilt = await invoke(client, `tickstock-${stage}-rebuilder`, task)
      for (const name of names) totals[name] += rebuilt[name]
      ended.done++
    } catch (error) {
      if (!(error instanceof TaskError)) throw error
      ended.failed++
      screen.print(`failed: ${error.message}`)
    }
  })
  screen.end()
  screen.print(summaryOf(totals))
  const left = tasks.length - ended.done
  if (left === 0) return 0
  const failed = ended.failed === 0 ? '' : ` (${ended.failed} failed)`
  screen.print(`${left} of ${tasks.length} tasks are not done${failed}: give the same command again`)
  return 1
}

const names = ['put', 'withdrawn', 'unchanged', 'not-final', 'fewer', 'unarchived'] as const

/** The function answered with an error, which names symbols and hour. */
class TaskError extends Error {
  override readonly name = 'TaskError'
}

async function invoke(client: LambdaClient, FunctionName: string, task: TaskEvent): Promise<Rebuilt> {
  const response = await client.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(task) }))
  const answer: unknown = JSON.parse(Buffer.from(response.Payload ?? []).toString())
  if (response.FunctionError === undefined) return answerSchema.parse(answer)
  const { symbols, from, to } = task
  const said = faultSchema.safeParse(answer).data?.errorMessage ?? response.FunctionError
  throw new TaskError(`${symbols.join(',')} from ${from} to ${to}: ${said}`)
}

/** @throws UsageError when there is no minute in it */
function spanOf(
  { from, to = Infinity }: RebuildOptions,
  now: number,
): Required<Pick<RebuildOptions, 'from' | 'to'>> {
  const end = Math.min(to, Math.ceil(now / 60_000) * 60)
  if (end > from) return { from, to: end }
  throw new UsageError(
    `there is no minute from ${isoOf(from)} to ${isoOf(end)}: give a --to that is later than --from`,
  )
}

/** Tasks of at most a day and as many symbols as a call takes, days in their order. */
function tasksOf({
  symbols,
  from,
  to,
  replace,
}: Required<Pick<RebuildOptions, 'symbols' | 'from' | 'to'>> & RebuildOptions): TaskEvent[] {
  const unique = [...new Set(symbols)]
  const tasks: TaskEvent[] = []
  for (let start = from; start < to;) {
    const next = Math.min(to, start - (start % MAX_SECONDS) + MAX_SECONDS)
    for (let first = 0; first < unique.length; first += MAX_SYMBOLS)
      tasks.push({
        symbols: unique.slice(first, first + MAX_SYMBOLS),
        from: isoOf(start),
        to: isoOf(next),
        ...(replace === true && { replaces: 'all' }),
      })
    start = next
  }
  return tasks
}

function isoOf(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`
}

function summaryOf(totals: Rebuilt): readonly string[] {
  const lines: (readonly [keyof Rebuilt, string])[] = [
    ['put', 'bars put'],
    ['withdrawn', 'bars withdrawn: all of their trades were cancelled'],
    ['unchanged', 'bars as they were'],
    ['not-final', 'left: late trades may still change them'],
    ['fewer', "left: they have more trades than the archive (--replace puts the archive's)"],
    ['unarchived', 'left: the archive has no trade of their minutes'],
  ]
  return lines
    .filter(([name]) => totals[name] > 0 || name === 'put' || name === 'unchanged')
    .map(([name, says]) => `${count(totals[name]).padStart(9)}  ${says}`)
}
