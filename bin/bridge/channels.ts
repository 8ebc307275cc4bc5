import { ALL_SYMBOLS } from '../../functions/broadcaster/subscriptions.ts'
import { difference } from './sets.ts'
import type { Update } from './updates.ts'

/** What a client may subscribe to, whatever its vendor calls it. */
const CHANNELS = ['bars', 'updatedBars', 'trades'] as const
export type Channel = (typeof CHANNELS)[number]

/** Symbols by channel; `*` is every symbol, and an element like the others. */
export type Channels = Readonly<Record<Channel, ReadonlySet<string>>>

/** What a message adds or takes away. */
export type Selection = Readonly<Partial<Record<Channel, readonly string[]>>>

export const NO_CHANNELS: Channels = { bars: new Set(), updatedBars: new Set(), trades: new Set() }

const CHANNEL_OF = {
  bar: 'bars',
  corrected: 'updatedBars',
  trade: 'trades',
} as const satisfies Record<Update['type'], Channel>

export function subscribe(before: Channels, selection: Selection): Channels {
  return changed(before, (had, channel) => new Set([...had, ...(selection[channel] ?? [])]))
}

export function unsubscribe(before: Channels, selection: Selection): Channels {
  return changed(before, (had, channel) => difference(had, new Set(selection[channel])))
}

/** Subscriptions to a symbol of a channel; each symbol counts once for each. */
export function countOf(channels: Channels): number {
  return CHANNELS.reduce((sum, channel) => sum + channels[channel].size, 0)
}

function channelOf({ type }: Pick<Update, 'type'>): Channel {
  return CHANNEL_OF[type]
}

/** Every subscription, as text by which an index finds it. */
export function topicsOf(channels: Channels): ReadonlySet<string> {
  return new Set(
    CHANNELS.flatMap((channel) => [...channels[channel]].map((symbol) => topic(channel, symbol))),
  )
}

/** The subscriptions to which an update goes. */
export function topicsFor(update: Update): readonly string[] {
  const channel = channelOf(update)
  return [topic(channel, update.symbol), topic(channel, ALL_SYMBOLS)]
}

function topic(channel: Channel, symbol: string): string {
  return `${channel} ${symbol}`
}

function changed(
  before: Channels,
  made: (had: ReadonlySet<string>, channel: Channel) => ReadonlySet<string>,
): Channels {
  return {
    bars: made(before.bars, 'bars'),
    updatedBars: made(before.updatedBars, 'updatedBars'),
    trades: made(before.trades, 'trades'),
  }
}
