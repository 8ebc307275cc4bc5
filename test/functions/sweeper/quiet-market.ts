import { advance } from '../../../functions/minute-state/advance.ts'
import { StateCache } from '../../../functions/minute-state/state-cache.ts'
import { minuteStateCodec } from '../../../functions/minute-state/store.ts'
import { createMinuteSweeps, type MinuteSweeps } from '../../../functions/sweeper/sweep-minute.ts'
import { sweep } from '../../../functions/sweeper/sweep.ts'
import { createMemoryStateStore } from '../../support/memory-state-store.ts'
import { runOf, trade } from '../../support/trades.ts'
import { VirtualClock } from '../../feed/virtual-clock.ts'

export const MINUTE_MS = 60_000
export const RULES = { latenessSeconds: 120, graceMs: 2000 }

/** A bar that left the outbox, all times in Unix milliseconds. */
export type EmittedBar = {
  readonly symbol: string
  readonly end: number
  readonly revision: number
  /** What the metric BarLatency counts from. */
  readonly closedAt: number
  readonly at: number
}

/** A trade with its own time, its arrival on the stream and the time at which it is applied, Unix milliseconds. */
export type DeliveredTrade = {
  readonly symbol: string
  readonly time: number
  readonly arrivedAt: number
  readonly appliedAt: number
}

/** Symbols that trade so rarely that only the sweeper closes their bars, with real state, rules and sweeps in virtual time. */
export class QuietMarket {
  readonly clock: VirtualClock
  readonly emitted: EmittedBar[] = []
  readonly failures: unknown[] = []
  /** Commits of sweeps that met a newer state, as the metric counts them. */
  conflicts = 0
  readonly #store = createMemoryStateStore(minuteStateCodec)
  readonly #sweeps: () => () => Promise<{ readonly conflicts: number }>
  #sequence = 0

  constructor(start: number, deliveryMs: number) {
    this.clock = new VirtualClock(start)
    const { now, until } = timeOf(this.clock)
    const deps = { store: this.#store, sink: this.#sink, rules: RULES }
    this.#sweeps = () =>
      createMinuteSweeps({
        rules: RULES,
        deliveryMs,
        now,
        until,
        sweep: async (symbols) => await sweep(deps, { kind: 'due', now, symbols }),
      })
  }

  deliver({ symbol, time, arrivedAt, appliedAt }: DeliveredTrade): void {
    at(this.clock, appliedAt, async () => {
      const sequenceNumber = String(++this.#sequence)
      const run = runOf([trade({ seconds: Math.floor(time / 1000), price: 1 })], {
        sequenceNumber,
        arrivedAt,
      })
      const deps = { store: this.#store, sink: this.#sink, rules: RULES, cache: new StateCache() }
      const { failed } = await advance(
        deps,
        new Map([[symbol, { type: 'trades', now: appliedAt, runs: [run] }]]),
      )
      this.failures.push(...failed.values())
    })
  }

  /** Calls the sweeper at these times, each in an instance that is not busy. */
  schedule(times: readonly number[]): void {
    invokeAt(this.clock, times, {
      create: this.#sweeps,
      invoke: async (instance) => {
        const { conflicts } = await instance()
        this.conflicts += conflicts
      },
      failures: this.failures,
    })
  }

  readonly #sink = async (bars: ReadonlyMap<string, readonly Pending[]>): Promise<void> => {
    for (const [symbol, pending] of bars)
      for (const { builder, closedAt } of pending) {
        const end = builder.start * 1000 + MINUTE_MS
        this.emitted.push({ symbol, end, revision: builder.revision, closedAt, at: this.clock.now() })
      }
  }
}

type Pending = {
  readonly builder: { readonly start: number; readonly revision: number }
  readonly closedAt: number
}

/** How the code under test sees a clock. */
export function timeOf(clock: VirtualClock): Pick<MinuteSweeps, 'now' | 'until'> {
  return {
    now: () => clock.now(),
    until: async (time) => {
      if (time > clock.now()) await clock.sleep(time - clock.now())
    },
  }
}

/** Runs `work` at a time. */
export function at(clock: VirtualClock, time: number, work: () => Promise<unknown>): void {
  void timeOf(clock).until(time).then(work)
}

/** Calls a function at times of its schedule, as Lambda does: in an instance that is not busy, or in a new one. */
export function invokeAt<Instance>(
  clock: VirtualClock,
  times: readonly number[],
  {
    create,
    invoke,
    failures,
  }: {
    readonly create: () => Instance
    readonly invoke: (instance: Instance, time: number) => Promise<unknown>
    readonly failures: unknown[]
  },
): void {
  const idle: Instance[] = []
  for (const time of times)
    at(clock, time, async () => {
      const instance = idle.pop() ?? create()
      try {
        await invoke(instance, time)
      } catch (error) {
        failures.push(error)
      }
      idle.push(instance)
    })
}
