import * as z from 'zod'

const barSchema = z.object({
  type: z.literal('bar'),
  symbol: z.string(),
  /** Start of the minute, ISO, UTC. */
  timestamp: z.string(),
  revision: z.int().min(0),
  open: z.string(),
  high: z.string(),
  low: z.string(),
  close: z.string(),
  volume: z.string(),
  vwap: z.string().nullable(),
  trade_count: z.int().min(0),
})

const ticksSchema = z.object({
  type: z.literal('ticks'),
  symbol: z.string(),
  close: z.string(),
  volume: z.string(),
  /** Of the last trade, Unix seconds. */
  time: z.number(),
})

/** A bar, as the WebSocket API sends it; decimals are exact. */
export type Bar = Readonly<z.infer<typeof barSchema>>

/** The trades of a symbol since its last record, summed up. */
type Ticks = Readonly<z.infer<typeof ticksSchema>>

export type Received = Bar | Ticks

/** What clients are told. */
export type Update =
  | { readonly type: 'bar' | 'corrected'; readonly symbol: string; readonly bar: Bar }
  | { readonly type: 'trade'; readonly symbol: string; readonly ticks: Ticks }

const receivedSchema = z.discriminatedUnion('type', [barSchema, ticksSchema])

/** The records of a message that clients are told of; a later version may send others. */
export function readRecords(records: readonly unknown[]): readonly Received[] {
  return records.flatMap((record) => receivedSchema.safeParse(record).data ?? [])
}
