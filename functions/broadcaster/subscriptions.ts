import type { BarRecord, SignalRecord } from '../shared/streams/records.ts'

/** Whatever lies on `bars` or `signals`. */
export type StreamRecord = BarRecord | SignalRecord

export type RecordType = StreamRecord['type']

/** What a client may ask for, in the order in which it comes to be. */
export const RECORD_TYPES = ['bar', 'indicators', 'patterns'] as const satisfies readonly RecordType[]

/** Stands for every symbol; it is none itself. */
export const ALL_SYMBOLS = '*'

/** Symbols that a connection may name; who wants more takes all. It bounds the item that every batch reads. */
export const MAX_SYMBOLS = 500

/** The symbols that a connection wants the records of, by type. */
export type Subscriptions = Readonly<Record<RecordType, ReadonlySet<string>>>

/** Symbols and the types of records that are meant. */
export type Selection = { readonly symbols: readonly string[]; readonly types: readonly RecordType[] }

export const NO_SUBSCRIPTIONS: Subscriptions = { bar: new Set(), indicators: new Set(), patterns: new Set() }

/** With these too. */
export function subscribe(before: Subscriptions, { symbols, types }: Selection): Subscriptions {
  return change(before, types, (wanted) => new Set([...wanted, ...symbols]))
}

/** Without these; `*` takes everything away, whatever it was subscribed by. */
export function unsubscribe(before: Subscriptions, { symbols, types }: Selection): Subscriptions {
  if (symbols.includes(ALL_SYMBOLS)) return change(before, types, () => new Set())
  return change(before, types, (wanted) => new Set([...wanted].filter((symbol) => !symbols.includes(symbol))))
}

export function wants(
  subscriptions: Subscriptions,
  { type, symbol }: { readonly type: RecordType; readonly symbol: string },
): boolean {
  return subscriptions[type].has(symbol) || subscriptions[type].has(ALL_SYMBOLS)
}

/** All symbols that are named, `*` for one of them, sorted. */
export function symbolsOf({ bar, indicators, patterns }: Subscriptions): string[] {
  return [...new Set([...bar, ...indicators, ...patterns])].toSorted(byText)
}

/** By type, sorted. */
export function listSubscriptions({
  bar,
  indicators,
  patterns,
}: Subscriptions): Record<RecordType, string[]> {
  return {
    bar: [...bar].toSorted(byText),
    indicators: [...indicators].toSorted(byText),
    patterns: [...patterns].toSorted(byText),
  }
}

function change(
  before: Subscriptions,
  types: readonly RecordType[],
  made: (wanted: ReadonlySet<string>) => Set<string>,
): Subscriptions {
  return { ...before, ...Object.fromEntries(types.map((type) => [type, made(before[type])])) }
}

function byText(a: string, b: string): number {
  return a < b ? -1 : 1
}
