import * as z from 'zod'

/** A revision of a bar as a client saw it; decimals as it was sent them. */
const seenBarSchema = z.object({
  symbol: z.string(),
  /** Start of the minute, ISO 8601, UTC. */
  timestamp: z.string(),
  revision: z.int(),
  open: z.string(),
  high: z.string(),
  low: z.string(),
  close: z.string(),
  volume: z.string(),
  notional: z.string().nullable(),
  vwap: z.string().nullable(),
  tradeCount: z.int(),
  complete: z.boolean().nullable(),
  withdrawn: z.boolean(),
})
export type SeenBar = z.infer<typeof seenBarSchema>

/** Unix milliseconds of the one clock of the process that looks on, which never jumps. */
const time = z.number()

/** What a REST client asks for. */
const requestSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('latest'), symbols: z.array(z.string()) }),
  /** The bars of a symbol that begin in a span; `asof` a moment. */
  z.object({ kind: z.literal('bars'), symbol: z.string(), start: z.string(), end: z.string() }),
  z.object({
    kind: z.literal('asof'),
    symbol: z.string(),
    start: z.string(),
    end: z.string(),
    asof: z.string(),
  }),
  /** Every revision of the bars of a symbol that were corrected. */
  z.object({ kind: z.literal('revisions'), symbol: z.string(), start: z.string(), end: z.string() }),
])
export type Request = z.infer<typeof requestSchema>

const eventSchema = z.discriminatedUnion('type', [
  /** A record of a producer: first sent, last answered. Unknown: sent, and never acknowledged. */
  z.object({
    type: z.literal('put'),
    symbol: z.string(),
    outcome: z.enum(['acknowledged', 'unknown']),
    sentAt: time,
    answeredAt: time,
    attempts: z.int(),
    /** Time in Unix seconds, price, volume, and the venue's number where the line counts. */
    trades: z.array(z.tuple([z.string(), z.string(), z.string()]).rest(z.int())),
  }),
  z.object({
    type: z.literal('subscribed'),
    connection: z.int(),
    client: z.int(),
    symbols: z.array(z.string()),
    at: time,
  }),
  z.object({
    type: z.literal('received'),
    connection: z.int(),
    at: time,
    bars: z.array(seenBarSchema),
  }),
  /** The client knows that its connection has ended, and that there may be a gap. */
  z.object({ type: z.literal('ended'), connection: z.int(), at: time }),
  /** All pages of an answer; no bars where the status is not 200, which is 0 where none came. */
  z.object({
    type: z.literal('answered'),
    client: z.int(),
    request: requestSchema,
    sentAt: time,
    answeredAt: time,
    status: z.int(),
    bars: z.array(seenBarSchema),
  }),
  /** What was done to the deployment; it excuses nothing. */
  z.object({ type: z.literal('fault'), what: z.string(), beganAt: time, endedAt: time }),
  /** An operator was told of trades that no bar takes. */
  z.object({ type: z.literal('reported'), symbol: z.string(), timestamp: z.string(), trades: z.int() }),
  /** Everything has been done by then: what is asked afterwards has the last of all bars. */
  z.object({ type: z.literal('settled'), at: time }),
])
export type HistoryEvent = z.infer<typeof eventSchema>

type Of<Type extends HistoryEvent['type']> = Extract<HistoryEvent, { type: Type }>
export type Put = Of<'put'>
export type Answer = Of<'answered'>

/** One connection of a WebSocket client. */
export type Connection = Pick<Of<'subscribed'>, 'client'> & {
  readonly id: number
  readonly symbols: ReadonlySet<string>
  readonly subscribedAt: number
  readonly received: { readonly at: number; readonly bar: SeenBar }[]
  endedAt: number | undefined
}

/** What producers and clients saw, by who saw it. */
export type History = {
  readonly puts: readonly Put[]
  readonly connections: readonly Connection[]
  readonly answers: readonly Answer[]
  readonly reports: readonly Of<'reported'>[]
  readonly settledAt: number | undefined
}

/** Sorts events, given in the order in which they happened, by who saw them. */
export function toHistory(events: readonly HistoryEvent[]): History {
  const puts: Put[] = []
  const answers: Answer[] = []
  const reports: Of<'reported'>[] = []
  const connections = new Map<number, Connection>()
  let settledAt: number | undefined
  for (const event of events)
    switch (event.type) {
      case 'put':
        puts.push(event)
        break
      case 'answered':
        answers.push(event)
        break
      case 'reported':
        reports.push(event)
        break
      case 'subscribed':
        connections.set(event.connection, connectionOf(event))
        break
      case 'received':
        for (const bar of event.bars) connections.get(event.connection)?.received.push({ at: event.at, bar })
        break
      case 'ended': {
        const connection = connections.get(event.connection)
        if (connection !== undefined) connection.endedAt = event.at
        break
      }
      case 'settled':
        settledAt = event.at
        break
      case 'fault':
        break
    }
  return { puts, answers, reports, connections: [...connections.values()], settledAt }
}

function connectionOf({ connection, client, symbols, at }: Of<'subscribed'>): Connection {
  return {
    id: connection,
    client,
    symbols: new Set(symbols),
    subscribedAt: at,
    received: [],
    endedAt: undefined,
  }
}

/** Reads a line of a stored history; throws a ZodError or SyntaxError where it is none. */
export function parseEvent(line: string): HistoryEvent {
  return eventSchema.parse(JSON.parse(line))
}
