import type { BarRecord, SignalRecord } from '../shared/streams/records.ts'

/** Any record of `bars` or `signals`. */
export type StreamRecord = BarRecord | SignalRecord

export type RecordType = StreamRecord['type']

/** Records that are sent without a gap, in the order in which the pipeline produces them; a client gets all by default. */
export const RECORD_TYPES = ['bar', 'indicators', 'patterns'] as const satisfies readonly RecordType[]

/** What a client may subscribe to: `ticks`, of which some may be left out, only by name. */
export const SUBSCRIBABLE = [...RECORD_TYPES, 'ticks'] as const

export type Subscribable = (typeof SUBSCRIBABLE)[number]

/** Means every symbol; not a symbol itself. */
export const ALL_SYMBOLS = '*'

/** Symbols that a connection may name; `*` subscribes to more. It limits the item of a connection, and what a message writes to the index. */
export const MAX_SYMBOLS = 500

/** The subscribed symbols of a connection, by record type. */
export type Subscriptions = Readonly<Record<Subscribable, ReadonlySet<string>>>

/** Symbols, and types of records. */
export type Selection = { readonly symbols: readonly string[]; readonly types: readonly Subscribable[] }

export const NO_SUBSCRIPTIONS: Subscriptions = {
  bar: new Set(),
  indicators: new Set(),
  patterns: new Set(),
  ticks: new Set(),
}

/** Adds a selection. */
export function subscribe(before: Subscriptions, { symbols, types }: Selection): Subscriptions {
  return change(before, types, (wanted) => new Set([...wanted, ...symbols]))
}

/** Removes a selection; `*` removes all symbols of the types. */
export function unsubscribe(before: Subscriptions, { symbols, types }: Selection): Subscriptions {
  if (symbols.includes(ALL_SYMBOLS)) return change(before, types, () => new Set())
  return change(before, types, (wanted) => new Set([...wanted].filter((symbol) => !symbols.includes(symbol))))
}

export function wants(
  subscriptions: Subscriptions,
  { type, symbol }: { readonly type: Subscribable; readonly symbol: string },
): boolean {
  return subscriptions[type].has(symbol) || subscriptions[type].has(ALL_SYMBOLS)
}

/** All symbols that are named, `*` for one of them, sorted. */
export function symbolsOf({ bar, indicators, patterns, ticks }: Subscriptions): string[] {
  return [...new Set([...bar, ...indicators, ...patterns, ...ticks])].toSorted(byText)
}

/** By type, sorted. */
export function listSubscriptions({
  bar,
  indicators,
  patterns,
  ticks,
}: Subscriptions): Record<Subscribable, string[]> {
  return {
    bar: [...bar].toSorted(byText),
    indicators: [...indicators].toSorted(byText),
    patterns: [...patterns].toSorted(byText),
    ticks: [...ticks].toSorted(byText),
  }
}

function change(
  before: Subscriptions,
  types: readonly Subscribable[],
  made: (wanted: ReadonlySet<string>) => Set<string>,
): Subscriptions {
  return { ...before, ...Object.fromEntries(types.map((type) => [type, made(before[type])])) }
}

function byText(a: string, b: string): number {
  return a < b ? -1 : 1
}
