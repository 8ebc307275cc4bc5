import type { Bar } from '../domain/bar.ts'
import { compareMinute, type Left, type Rules } from './compare.ts'
import { type RebuiltMinute, RebuiltSymbol } from './rebuilt-symbol.ts'
import type { Span, StoredBar, StoredBars } from './stored-bars.ts'
import { type HourReaders, newestOf, readSymbolHours } from './symbol-hour.ts'
import { untilTrue } from './until-written.ts'

export type RebuildDeps = {
  readonly archive: HourReaders
  readonly stored: StoredBars
  /** Puts bars on the stream `bars`, each symbol's in order. */
  readonly put: (bars: ReadonlyMap<string, readonly Bar[]>) => Promise<void>
  readonly latenessSeconds: number
  /** The wall clock, in Unix milliseconds. */
  readonly now: () => number
  readonly wait: (ms: number) => Promise<void>
}

/** What is to be rebuilt; the span in whole minutes. */
export type RebuildTask = Span & { readonly symbols: readonly string[] } & Pick<Rules, 'replaces'>

/** What a task came to, in minutes. */
export type Rebuilt = { put: number; withdrawn: number; unchanged: number } & Record<Left, number>

/** A task failed at an hour; those before it are done. */
export class RebuildError extends Error {
  override readonly name = 'RebuildError'
}

const HOUR = 3600

/**
 * Makes the bars of some symbols again from the archive, hour by hour, and puts those that differ from the stored ones.
 * An hour before and one after are read too: they show which trades are missing between minutes.
 *
 * @throws RebuildError naming the hour that failed
 */
export async function rebuild(deps: RebuildDeps, task: RebuildTask): Promise<Rebuilt> {
  const symbols = new Set(task.symbols)
  const state: State = {
    rebuilt: new Map([...symbols].map((symbol) => [symbol, new RebuiltSymbol(symbol)])),
    last: new Map(),
    newest: new Map(await deps.stored.newest(task.symbols)),
    totals: noTotals(),
  }
  const first = task.from - (task.from % HOUR)
  for (let hour = first - HOUR; hour < task.to + HOUR; hour += HOUR)
    try {
      const hours = await readSymbolHours(deps.archive, hour, symbols)
      const span = { from: Math.max(task.from, hour - HOUR), to: Math.min(task.to, hour) }
      const stored = span.from < span.to ? await deps.stored.read(task.symbols, span) : NO_STORED
      const bars = new Map<string, readonly Bar[]>()
      for (const [symbol, each] of state.rebuilt) {
        const archived = hours.get(symbol)
        state.newest.set(symbol, Math.max(state.newest.get(symbol) ?? 0, newestOf(archived)))
        const minutes = each.take(hour, archived)
        const differing = compare(deps, state, { task, symbol, span, minutes, stored: stored.get(symbol) })
        if (differing.length > 0) bars.set(symbol, differing)
      }
      await deps.put(bars)
      for (const [symbol, own] of bars) state.last.set(symbol, own.at(-1))
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new RebuildError(`${namesOf(task.symbols)}, hour ${hourText(hour)}: ${reason}`, { cause })
    }
  await untilStored(deps, state.last)
  return state.totals
}

const WRITTEN_WITHIN_MS = 120_000

/** Waits until the bars that were put are in the database, from which their signals are made. */
async function untilStored(deps: RebuildDeps, last: State['last']): Promise<void> {
  const isStored = await untilTrue(deps, WRITTEN_WITHIN_MS, async () => {
    for (const [symbol, newest] of last) {
      if (newest === undefined) continue
      const span = { from: newest.start, to: newest.start + 60 }
      const stored = (await deps.stored.read([symbol], span)).get(symbol)?.get(newest.start)
      if ((stored?.revision ?? 0) < newest.revision) return false
    }
    return true
  })
  if (!isStored)
    throw new RebuildError(
      `bars of ${namesOf([...last.keys()])} are on the stream, and the bar-writer has not written them for two minutes: see its alarms, then give the command again`,
    )
}

type State = {
  readonly rebuilt: ReadonlyMap<string, RebuiltSymbol>
  /** Event time of each symbol, as far as it is known. */
  readonly newest: Map<string, number>
  readonly totals: Rebuilt
  /** The last bar of each symbol that was put, which is written last. */
  readonly last: Map<string, Bar | undefined>
}

type Comparing = {
  readonly task: RebuildTask
  readonly symbol: string
  readonly span: Span
  readonly minutes: ReadonlyMap<number, RebuiltMinute>
  readonly stored: ReadonlyMap<number, StoredBar> | undefined
}

/** The bars of a symbol and hour that are to be put; counts what becomes of each minute. */
function compare(
  { latenessSeconds, now }: RebuildDeps,
  { newest, totals }: State,
  { task, symbol, span, minutes, stored = NO_BARS }: Comparing,
): Bar[] {
  const rules = { latenessSeconds, now: now(), newest: newest.get(symbol) ?? 0, replaces: task.replaces }
  const starts = [...new Set([...minutes.keys(), ...stored.keys()])].toSorted((one, other) => one - other)
  const bars: Bar[] = []
  for (const start of starts) {
    if (start < span.from || start >= span.to) continue
    const verdict = compareMinute(start, minutes.get(start), { stored: stored.get(start), rules })
    totals[verdict.type]++
    if ('bar' in verdict) bars.push(verdict.bar)
  }
  return bars
}

const NO_STORED: Awaited<ReturnType<StoredBars['read']>> = new Map()
const NO_BARS: ReadonlyMap<number, StoredBar> = new Map()

function noTotals(): Rebuilt {
  return { put: 0, withdrawn: 0, unchanged: 0, 'not-final': 0, fewer: 0, unarchived: 0 }
}

function namesOf([first = '', ...others]: readonly string[]): string {
  return others.length === 0 ? first : `${first} and ${others.length} more`
}

function hourText(hour: number): string {
  return `${new Date(hour * 1000).toISOString().slice(0, 13)}:00Z`
}
