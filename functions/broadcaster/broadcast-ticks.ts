import type { KinesisStreamRecord } from 'aws-lambda'

import { type AllowsNonPositive, createTickParser } from '../aggregator/decode.ts'
import { groupTrades } from '../aggregator/group-trades.ts'
import { concurrently } from '../shared/runtime/concurrently.ts'
import type { TradeRun } from '../domain/trade.ts'
import { parseBatch } from '../shared/streams/consume.ts'
import { arrivalOf, shardOf } from '../shared/streams/record-origin.ts'
import type { Connection } from './connection-items.ts'
import type { BroadcasterDeps } from './deps.ts'
import { packFrames } from './frames.ts'
import type { LiveTick, LiveTicks } from './live-ticks.ts'
import { POSTS_AT_ONCE } from './management-client.ts'
import { encodeSubscriptions } from './subscriptions-codec.ts'
import { ALL_SYMBOLS, wants } from './subscriptions.ts'
import { LIVE, topicsOfTicks } from './topics.ts'

export type LiveDeps = Pick<BroadcasterDeps, 'store' | 'connections' | 'now'> & {
  readonly live: LiveTicks
  readonly allowsNonPositive: AllowsNonPositive
}

/** So many connections are read whatever the batch: one request is faster than one for each symbol. */
const FEW = 25

/** Messages that API Gateway accepted, and that could not be sent. */
export type SentLive = { readonly sent: number; readonly dropped: number }

/**
 * Sends prices of forming bars to the connections that subscribe to `ticks`. Each message is tried once: what cannot be sent
 * is dropped, and the connection stays, since the next message says more. Without such connections nothing is parsed. Where there are more of
 * them than records, those are found that want a symbol of the batch.
 *
 * @throws when the table cannot be read
 */
export async function broadcastTicks(
  deps: LiveDeps,
  records: readonly KinesisStreamRecord[],
): Promise<SentLive> {
  const { store, live, now } = deps
  const few = await store.fewWanting(LIVE, Math.max(FEW, records.length))
  if (few?.length === 0) return { sent: 0, dropped: 0 }
  const runs = readRuns(deps, records)
  // What waits from an earlier batch is sent with this one, whose trades may be of others.
  const found = few ?? (await store.perhapsWanting(topicsOfTicks([...runs.keys(), ...live.waiting()])))
  const connections = found.filter((connection) => isLive(connection, now()))
  const framesFor = createFrames(conflate(live, { connections, runs, records }))
  let [sent, dropped] = [0, 0]
  await concurrently(connections, POSTS_AT_ONCE, async (connection) => {
    for (const frame of framesFor(connection)) {
      const { type } = await deps.connections.post(connection.id, frame)
      if (type === 'sent') sent++
      else if (type === 'failed') dropped++
      // A connection that is gone is left to the path of the bars, which misses nothing.
      if (type !== 'sent') break
    }
  })
  return { sent, dropped }
}

function isLive({ subscriptions, state, expiresAt }: Connection, now: number): boolean {
  return state === 'open' && expiresAt * 1000 > now && subscriptions.ticks.size > 0
}

type Runs = ReadonlyMap<string, readonly TradeRun[]>

/** The trades of a batch by symbol. */
function readRuns({ allowsNonPositive, now }: LiveDeps, records: readonly KinesisStreamRecord[]): Runs {
  const parser = createTickParser(records, allowsNonPositive, { now: now() })
  return groupTrades(parseBatch(records, parser).readable).runs
}

type Batch = {
  readonly connections: readonly Connection[]
  readonly runs: Runs
  readonly records: readonly KinesisStreamRecord[]
}

function conflate(live: LiveTicks, { connections, runs, records }: Batch): readonly LiveTick[] {
  const wanted = new Set(connections.flatMap(({ subscriptions }) => [...subscriptions.ticks]))
  const [first] = records
  const shard = first === undefined ? '' : shardOf(first)
  for (const [symbol, ofSymbol] of runs)
    if (wanted.has(symbol) || wanted.has(ALL_SYMBOLS)) live.take(symbol, ofSymbol)
  const arrivedAt = records.reduce((newest, record) => Math.max(newest, arrivalOf(record)), 0)
  return live.due(arrivedAt, shard)
}

/** The frames for each connection; connections with the same subscriptions share them. */
function createFrames(ticks: readonly LiveTick[]): (connection: Connection) => readonly string[] {
  const cached = new Map<string, readonly string[]>()
  return ({ subscriptions }) => {
    const key = encodeSubscriptions(subscriptions)
    const frames = cached.get(key) ?? packFrames(ticks.filter((tick) => wants(subscriptions, tick)))
    cached.set(key, frames)
    return frames
  }
}
