import { aggregate, type AggregatorDeps, progressOf } from '../../functions/aggregator/aggregate.ts'
import { closeOverdue } from '../../functions/aggregator/close-overdue.ts'
import type { Totals } from '../../functions/minute-state/advance.ts'
import { createBarStream } from '../../functions/minute-state/bar-stream.ts'
import { StateCache } from '../../functions/minute-state/state-cache.ts'
import { createMinuteSweeps } from '../../functions/sweeper/sweep-minute.ts'
import { sweep, type Swept } from '../../functions/sweeper/sweep.ts'
import { deliverySeconds } from '../../lib/batching.ts'
import type { Handler } from './fleet.ts'
import type { Host } from './host.ts'
import { backOffOf, type Consumer, deadLettersOf, putFrom } from './parts.ts'
import type { Services } from './services.ts'
import { reachedFrom } from './tables.ts'

export type SweepEvent = { readonly type: 'sweep' | 'flush' }

function minuteDeps(host: Host, services: Services) {
  const { plan, minutes, bars, trace } = services
  return {
    rules: host.version % 2 === 1 ? plan.rules : plan.nextRules,
    store: reachedFrom(host, 'minute-state', {
      store: minutes.store,
      onOwnConflict: () => trace.reach('own commit taken for a conflict'),
    }),
    sink: createBarStream(putFrom(host, bars), 'bars', backOffOf(host, services)),
  }
}

function reachTotals({ trace }: Services, totals: Totals): void {
  trace.reach('conflict of two writers', totals.conflicts)
  trace.reach('stale state in a cache', totals.stale)
  trace.reach('outbox emitted by another instance', totals.reemitted)
  trace.reach('late correction', totals.late)
  if (totals.uncertain > 0)
    trace.violate(`${totals.uncertain} trades were taken for duplicates without knowing`)
}

/** As functions/aggregator/handler.ts has it. */
export function aggregatorOf(host: Host, services: Services): Consumer {
  const deps: AggregatorDeps = {
    ...minuteDeps(host, services),
    cache: new StateCache(),
    allowsNonPositive: () => false,
    now: host.now,
    deadLetters: deadLettersOf(host, services),
  }
  return async ({ Records }) => {
    const { totals, response } = await aggregate(deps, Records)
    reachTotals(services, totals)
    const progress = progressOf(Records)
    if (progress === undefined) return response
    const closed = await closeOverdue(deps, progress, { error: () => {} })
    services.trace.reach('bar closed by an aggregator by the clock', closed.completed + closed.revised)
    return response
  }
}

/** As functions/sweeper/handler.ts has it. */
export function sweeperOf(host: Host, services: Services): Handler<SweepEvent, void> {
  const deps = minuteDeps(host, services)
  const { clock, trace } = services
  const sweepDue = async (symbols?: readonly string[]): Promise<Swept> =>
    await sweep(deps, { kind: 'due', now: host.now, symbols })
  const run = createMinuteSweeps({
    rules: deps.rules,
    deliveryMs: deliverySeconds('low') * 1000,
    now: host.now,
    until: async (time) => {
      if (time > host.now()) await host.sleep(time - host.now())
    },
    sweep: sweepDue,
  })
  return async ({ type }) => {
    const totals = type === 'sweep' ? await run() : (await sweep(deps, { kind: 'all', now: host.now })).totals
    trace.reach(type === 'sweep' ? 'bar closed by the sweeper' : 'bar closed by a flush', totals.completed)
    reachTotals(services, totals)
    trace.note(`${host.name} has done a ${type} at ${clock.now()}`)
  }
}
