import type { Bar } from '../../functions/domain/bar.ts'
import { createHourReaders } from '../../functions/rebuilder/symbol-hour.ts'
import { rebuild, type Rebuilt, type RebuildDeps } from '../../functions/rebuilder/rebuild.ts'
import { rebuildSignals, type RebuiltSignals } from '../../functions/rebuilder/rebuild-signals.ts'
import { createSignalStream } from '../../functions/analytics/signal-stream.ts'
import { barText } from '../../functions/minute-state/bar-stream.ts'
import { putLines } from '../../functions/shared/streams/lines.ts'
import type { Host } from './host.ts'
import { backOffOf, putFrom } from './parts.ts'
import type { Services } from './services.ts'
import { reachedFrom } from './tables.ts'

const HOUR = 3600

export type RebuiltBoth = { readonly bars: Rebuilt; readonly signals: RebuiltSignals }

/** As functions/rebuilder/handler.ts has it, once for bars and once for signals. @param laterMs how much later its clock is */
export async function rebuildBoth(host: Host, services: Services, laterMs: number): Promise<RebuiltBoth> {
  const { plan, clock } = services
  const now = clock.now() / 1000
  const symbols = plan.symbols.map(({ symbol }) => symbol)
  const span = { from: Math.floor(now / HOUR) * HOUR - HOUR, to: Math.floor(now / 60) * 60 }
  const common = commonDeps(host, services, laterMs)
  const bars = await rebuild(barDeps(host, services, common), { symbols, ...span, replaces: 'more' })
  const signals = await rebuildSignals(
    {
      ...common,
      analysis: services.analysis,
      signals: (symbol, wanted) =>
        host.call('database', 'read signals', () => services.database.signals(symbol, wanted)),
      states: reachedFrom(host, 'indicator-state', { store: services.states, onOwnConflict: () => {} }),
      emit: createSignalStream(putFrom(host, services.signals), 'signals', backOffOf(host, services)),
    },
    { symbols, from: span.from },
  )
  return { bars, signals }
}

type Common = Pick<RebuildDeps, 'stored' | 'latenessSeconds' | 'now' | 'wait'>

function commonDeps(host: Host, { plan, database }: Services, laterMs: number): Common {
  const { stored } = database
  return {
    latenessSeconds: plan.rules.latenessSeconds,
    now: () => host.now() + laterMs,
    wait: (ms) => host.sleep(ms),
    stored: {
      read: (symbols, span) => host.call('database', 'read bars', () => stored.read(symbols, span)),
      newest: (symbols) => host.call('database', 'read newest', () => stored.newest(symbols)),
      startBefore: (symbol, before, count) =>
        host.call('database', 'read start', () => stored.startBefore(symbol, before, count)),
    },
  }
}

function barDeps(host: Host, services: Services, common: Common): RebuildDeps {
  const { bucket, bars, minutes } = services
  const objects = {
    list: (prefix: string) => listFrom(host, services, prefix),
    read: (key: string) => host.call('archive', `read ${key}`, () => bucket.read(key)),
  }
  const put = async (given: ReadonlyMap<string, readonly Bar[]>): Promise<void> => {
    for (const { symbol, start } of [...given.values()].flat()) minutes.rebuilt.add(`${symbol} ${start}`)
    const texts = new Map([...given].map(([symbol, own]) => [symbol, own.map(barText)]))
    await putLines(putFrom(host, bars), 'bars', texts, backOffOf(host, services))
  }
  return { ...common, archive: createHourReaders(objects), put }
}

async function* listFrom(host: Host, { bucket }: Services, prefix: string) {
  const found = await host.call('archive', `list ${prefix}`, async () => {
    const objects = []
    for await (const each of bucket.list()) if (each.key.startsWith(prefix)) objects.push(each)
    return objects
  })
  yield* found
}
