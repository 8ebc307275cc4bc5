import { ALL_SYMBOLS, MAX_SYMBOLS } from '../../functions/broadcaster/subscriptions.ts'
import type { Channels } from './channels.ts'
import { difference, isSubset, union } from './sets.ts'

/** Types of records that the bridge passes on. */
const TYPES = ['bar', 'ticks'] as const
type Type = (typeof TYPES)[number]

/** The symbols of which records are wanted, or received, by type; `*` is every symbol. */
export type Interest = Readonly<Record<Type, ReadonlySet<string>>>

export const NO_INTEREST: Interest = { bar: new Set(), ticks: new Set() }

/** A message that changes a subscription. */
export type Change = {
  readonly action: 'subscribe' | 'unsubscribe'
  readonly symbols: readonly string[]
  readonly types: readonly Type[]
}

/** What brings the records of some channels. */
export function interestOf({ bars, updatedBars, trades }: Channels): Interest {
  return { bar: union(bars, updatedBars), ticks: trades }
}

export function isEmpty(interest: Interest): boolean {
  return TYPES.every((type) => interest[type].size === 0)
}

/** Whether a subscription brings all that is wanted. */
export function covers(subscribed: Interest, wanted: Interest): boolean {
  return TYPES.every((type) => hasAll(subscribed[type]) || isSubset(wanted[type], subscribed[type]))
}

/**
 * The next message that brings a subscription nearer to what is wanted; undefined if none is needed. On the way, nothing is
 * left out that is wanted: `*` stays until nothing of its type is, since taking it away takes named symbols with it.
 */
export function nextChange(subscribed: Interest, wanted: Interest): Change | undefined {
  const target = withinLimit(wanted)
  for (const type of TYPES)
    if (hasAll(target[type]) && !hasAll(subscribed[type]))
      return { action: 'subscribe', symbols: [ALL_SYMBOLS], types: [type] }
  for (const type of TYPES) {
    const symbols = [...difference(subscribed[type], target[type])].filter((each) => each !== ALL_SYMBOLS)
    if (symbols.length > 0) return { action: 'unsubscribe', symbols: some(symbols), types: [type] }
  }
  for (const type of TYPES) {
    const symbols = hasAll(subscribed[type]) ? [] : [...difference(target[type], subscribed[type])]
    if (symbols.length > 0) return { action: 'subscribe', symbols: some(symbols), types: [type] }
  }
  for (const type of TYPES)
    if (hasAll(subscribed[type]) && target[type].size === 0)
      return { action: 'unsubscribe', symbols: [ALL_SYMBOLS], types: [type] }
  return undefined
}

/** Takes all symbols of a type where a connection may not name them. */
function withinLimit(wanted: Interest): Interest {
  const named = union(wanted.bar, wanted.ticks)
  if (named.size <= MAX_SYMBOLS) return wanted
  const all = new Set([ALL_SYMBOLS])
  const [bar, ticks] = [wanted.bar.size > 0 ? all : wanted.bar, wanted.ticks]
  return { bar, ticks: ticks.size < MAX_SYMBOLS ? ticks : all }
}

function some(symbols: readonly string[]): readonly string[] {
  return symbols.slice(0, MAX_SYMBOLS)
}

function hasAll(symbols: ReadonlySet<string>): boolean {
  return symbols.has(ALL_SYMBOLS)
}
