import { setTimeout } from 'node:timers/promises'

import type { MappingLag, Runtime } from 'embedded-aws'

import { UsageError } from '../terminal/errors.ts'
import { count } from '../terminal/screen.ts'

/** Whether indicators and patterns are complete, as bars are. */
export type Settled = { readonly signals: 'complete' | 'behind' }

/** Records of a stream that a function has not taken yet. */
export type Waiting = Pick<MappingLag, 'streamName' | 'functionName' | 'records'>

export type SettleOptions = {
  /** The function that bars do not wait for. */
  readonly analytics: string
  /** Functions that write no rows; they are not waited for. */
  readonly others: readonly string[]
  /** Milliseconds without progress after which the wait ends. @default 30,000 */
  readonly patienceMs?: number
  /** The same for the analytics part alone. @default 10,000 */
  readonly analyticsPatienceMs?: number
  /** The last error of a function, in words; undefined where none has failed. */
  readonly fault?: () => string | undefined
  /** Called at intervals with what is waited for. */
  readonly onWaiting?: (waiting: readonly Waiting[]) => void
  /** @default the system's */
  readonly clock?: Clock
}

type Clock = { now(): number; sleep(milliseconds: number): Promise<unknown> }

/** Records wait, and none has moved for a while. */
export class StuckError extends UsageError {
  override readonly name = 'StuckError'
  readonly waiting: readonly Waiting[]

  /** @param fault the last error of a function, in words */
  constructor(waiting: readonly Waiting[], patienceMs: number, fault?: string) {
    const reason = fault === undefined ? '' : `; the last error is of ${fault}`
    super(`nothing has moved for ${Math.round(patienceMs / 1000)} s: ${describeWaiting(waiting)}${reason}`)
    this.waiting = waiting
  }
}

const LOOK_EVERY_MS = 250
const systemClock: Clock = { now: () => performance.now(), sleep: (milliseconds) => setTimeout(milliseconds) }

/**
 * Resolves when all bars are written, and all signals, unless the analytics part makes no progress.
 *
 * @throws StuckError when another part makes no progress
 */
export async function settle(
  runtime: Pick<Runtime, 'idle' | 'lag'>,
  options: SettleOptions,
): Promise<Settled> {
  const { analytics, others, patienceMs = 30_000, analyticsPatienceMs = 10_000 } = options
  const bars = await idle(runtime, { ...options, except: [analytics, ...others], patienceMs })
  if (bars.type === 'stuck') throw new StuckError(bars.waiting, patienceMs, options.fault?.())
  const signals = await idle(runtime, { ...options, except: others, patienceMs: analyticsPatienceMs })
  if (signals.type === 'idle') return { signals: 'complete' }
  const rest = await idle(runtime, { ...options, except: [analytics, ...others], patienceMs })
  if (rest.type === 'stuck') throw new StuckError(rest.waiting, patienceMs, options.fault?.())
  return { signals: 'behind' }
}

type Outcome = { readonly type: 'idle' } | { readonly type: 'stuck'; readonly waiting: readonly Waiting[] }

async function idle(
  runtime: Pick<Runtime, 'idle' | 'lag'>,
  options: SettleOptions & { readonly except: readonly string[]; readonly patienceMs: number },
): Promise<Outcome> {
  const { except, patienceMs, onWaiting = () => {}, clock = systemClock } = options
  const isIdle = runtime.idle({ except }).then((): Outcome => ({ type: 'idle' }))
  // It rejects when the runtime is stopped, long after this wait has ended.
  isIdle.catch(() => {})
  const lagNow = (): readonly MappingLag[] =>
    runtime.lag().filter(({ functionName }) => !except.includes(functionName))
  let settled = settledIn(lagNow())
  let since = clock.now()
  for (;;) {
    const outcome = await Promise.race([isIdle, clock.sleep(LOOK_EVERY_MS).then(() => undefined)])
    if (outcome !== undefined) return outcome
    const lag = lagNow()
    const waiting = lag.filter(({ records }) => records > 0)
    if (settledIn(lag) > settled) {
      settled = settledIn(lag)
      since = clock.now()
    }
    if (clock.now() - since >= patienceMs) return { type: 'stuck', waiting }
    onWaiting(waiting)
  }
}

function settledIn(lag: readonly MappingLag[]): number {
  return lag.reduce((sum, { settled }) => sum + settled, 0)
}

/** `12 records of tickstock-local-bars wait for tickstock-local-bar-writer`, of each function. */
export function describeWaiting(waiting: readonly Waiting[]): string {
  if (waiting.length === 0) return 'an invocation has not ended'
  return waiting
    .map(({ streamName, functionName, records }) =>
      records === 1
        ? `1 record of ${streamName} waits for ${functionName}`
        : `${count(records)} records of ${streamName} wait for ${functionName}`,
    )
    .join(', ')
}
