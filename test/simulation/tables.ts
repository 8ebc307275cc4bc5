import type { KinesisStreamRecord } from 'aws-lambda'

import type { MinuteState, PendingBar } from '../../functions/domain/minute-state.ts'
import { minuteStateCodec } from '../../functions/minute-state/store.ts'
import type { StateStore } from '../../functions/shared/dynamodb/state-store.ts'
import { compareSequenceNumbers } from '../../functions/domain/trade.ts'
import { shardOf } from '../../functions/shared/streams/record-origin.ts'
import { barsIn } from '../support/bars-in.ts'
import { createMemoryStateStore } from '../support/memory-state-store.ts'
import type { Host } from './host.ts'
import type { Service } from './network.ts'
import { readTicks } from './oracle.ts'
import type { Trace } from './trace.ts'

/** Bars of a symbol as the table `minute-state` has committed them, and as the stream `bars` has taken them. */
type Order = { readonly committed: string[]; readonly seen: Set<string>; taken: number }

/** The table `minute-state`, and what holds between it, `ticks` and `bars` at every moment. */
export class MinuteTable {
  readonly #store = createMemoryStateStore(minuteStateCodec)
  readonly #orders = new Map<string, Order>()
  readonly #texts = new Map<string, string>()
  /** Bars that a rebuild has put, by symbol and start. */
  readonly rebuilt = new Set<string>()
  readonly #trace: Trace

  constructor(trace: Trace) {
    this.#trace = trace
  }

  readonly store: StateStore<MinuteState> = {
    load: (keys) => this.#store.load(keys),
    pending: () => this.#store.pending(),
    commit: async (key, state, guard) => {
      const before = (await this.#store.load([key])).get(key)?.state
      const result = await this.#store.commit(key, state, guard)
      if (result.type === 'committed') this.#note(key, before, state)
      return result
    },
  }

  /** A bar leaves the outbox only after the stream has taken it. */
  #note(symbol: string, before: MinuteState | undefined, after: MinuteState): void {
    const order = this.#orderOf(symbol)
    if (after.outbox.length > 1) this.#trace.reach('several bars in an outbox')
    const kept = new Set(after.outbox.map(keyOf))
    const had = new Set((before?.outbox ?? []).map(keyOf))
    for (const key of had)
      if (!kept.has(key) && !order.seen.has(key))
        this.#trace.violate(`${symbol} ${key} left the outbox, and is not on the stream bars`)
    for (const key of kept) if (!had.has(key)) order.committed.push(key)
  }

  /** A bar is emitted once it is committed; new ones of a symbol in the order in which they were. */
  take(record: KinesisStreamRecord): void {
    for (const { closed_at: _closedAt, ...bar } of barsIn(record)) {
      const { symbol, revision } = bar
      const start = Date.parse(bar.timestamp) / 1000
      const key = `${start} ${revision}`
      // A rebuild may be ahead of the aggregator, and puts its own bar of a minute.
      const isRebuilt = this.rebuilt.has(`${symbol} ${start}`)
      const text = JSON.stringify(bar)
      const said = this.#texts.get(`${symbol} ${key}`)
      if (!isRebuilt && said !== undefined && said !== text)
        this.#trace.violate(`two bars are ${symbol} ${key}: ${said} and ${text}`)
      this.#texts.set(`${symbol} ${key}`, text)
      const order = this.#orderOf(symbol)
      if (order.seen.has(key)) continue
      const next = order.committed[order.taken]
      if (next !== key && isRebuilt) continue
      if (next !== key)
        this.#trace.violate(`${symbol} ${key} is emitted, and the next one committed is ${next}`)
      order.taken++
      order.seen.add(key)
    }
  }

  /** What counts as handled is in the table. */
  async expectApplied(records: readonly KinesisStreamRecord[]): Promise<void> {
    for (const record of records) {
      const { partitionKey, sequenceNumber } = record.kinesis
      const { state } = (await this.#store.load([partitionKey])).get(partitionKey) ?? {}
      const place = state?.shards.find(({ shard }) => shard === shardOf(record))
      if (place !== undefined && compareSequenceNumbers(place.sequenceNumber, sequenceNumber) >= 0) continue
      // One that the feed has put twice changes nothing.
      const { source, sequence = 0 } = readTicks(record)
      const producer = state?.producers.find((each) => each.source === source)
      if (producer === undefined || producer.sequence < sequence)
        this.#trace.violate(
          `record ${record.eventID} counts as handled, and ${partitionKey} is at ${place?.sequenceNumber}`,
        )
    }
  }

  #orderOf(symbol: string): Order {
    const known = this.#orders.get(symbol)
    if (known !== undefined) return known
    const made = { committed: [], seen: new Set<string>(), taken: 0 }
    this.#orders.set(symbol, made)
    return made
  }
}

function keyOf({ builder }: PendingBar): string {
  return `${builder.start} ${builder.revision}`
}

/** A table as a host reaches it. */
export function reachedFrom<State>(
  host: Host,
  service: Service,
  { store, onOwnConflict }: { readonly store: StateStore<State>; readonly onOwnConflict: () => void },
): StateStore<State> {
  return {
    load: (keys) => host.call(service, `load ${keys.join()}`, () => store.load(keys)),
    commit: (key, state, guard) => {
      let asked = 0
      return host.call(service, `commit ${key} ${guard.expectedVersion}`, async () => {
        const result = await store.commit(key, state, guard)
        if (asked++ > 0 && result.type === 'conflict') onOwnConflict()
        return result
      })
    },
    async *pending() {
      const found = await host.call(service, 'scan', async () => {
        const states: (readonly [string, { readonly version: number; readonly state: State }])[] = []
        for await (const each of store.pending()) states.push(each)
        return states
      })
      for (const [place, each] of found.entries()) {
        yield each
        if (place % 2 === 1) await host.call(service, 'scan on', () => {})
      }
    },
  }
}
