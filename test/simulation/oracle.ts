import type { KinesisStreamRecord } from 'aws-lambda'
import * as z from 'zod'

import { jsonOf } from '../../functions/aggregator/unpack-record.ts'
import { minuteOf } from '../../functions/domain/bar-builder.ts'
import { isEarlier, type Trade } from '../../functions/domain/trade.ts'
import { trade } from '../support/trades.ts'
import { LATENESS_SECONDS } from './plan.ts'

const amount = z.union([z.number(), z.string()])
const tickSchema = z.tuple([z.number(), amount, amount]).rest(z.union([z.number(), z.null()]))
const recordSchema = z.union([
  z.object({
    symbol: z.string(),
    source: z.string().optional(),
    sequence: z.number().optional(),
    ticks: z.array(tickSchema),
  }),
  z
    .object({
      symbol: z.string(),
      source: z.string().optional(),
      sequence: z.number().optional(),
      type: z.literal('cancel').optional(),
      timestamp: z.number(),
      price: amount,
      volume: amount,
      id: z.number().optional(),
    })
    .transform(({ timestamp, price, volume, id, ...record }) => ({
      ...record,
      ticks: [[timestamp, price, volume, ...(id === undefined ? [] : [id])]] satisfies z.input<
        typeof tickSchema
      >[],
    })),
])

/** What a record of the stream `ticks` says. */
export function readTicks({ kinesis }: KinesisStreamRecord): z.infer<typeof recordSchema> {
  const json: unknown = JSON.parse(jsonOf(Buffer.from(kinesis.data, 'base64')))
  return recordSchema.parse(json)
}

/** What ought to become of the trades of a symbol, in the plainest words. */
export class SymbolOracle {
  /** Each once, in order of arrival: what the bars are made of, before a rebuild and after. */
  readonly accepted: Trade[] = []
  readonly all: Trade[] = []
  /** By id. */
  readonly cancelled = new Map<number, Trade>()
  readonly cancelledOfAll = new Map<number, Trade>()
  /** Sequence numbers of records with trades that are too late and have no id. */
  readonly tooLate = new Set<string>()
  readonly repeated = { trades: 0 }
  readonly #ids = new Set<number>()
  readonly #allIds = new Set<number>()
  readonly #records = new Set<string>()
  readonly #sequences = new Map<string, number>()
  #newest: Trade | undefined

  take(record: KinesisStreamRecord): void {
    const { source, sequence = 0, ticks, ...others } = readTicks(record)
    const isCancel = 'type' in others && others.type === 'cancel'
    const name = `${source} ${sequence}`
    if (source !== undefined && this.#records.has(name)) return
    this.#records.add(name)
    // A put of a process that died may arrive after those of the next: its number is passed, and only a rebuild takes it.
    const isPassed = source !== undefined && sequence <= (this.#sequences.get(source) ?? -1)
    if (source !== undefined && !isPassed) this.#sequences.set(source, sequence)
    for (const [timestamp, price, volume, id] of ticks) {
      const millis = Math.round(timestamp * 1000)
      const [seconds, nanos] = [Math.floor(millis / 1000), (millis % 1000) * 1_000_000]
      const each = trade({ seconds, nanos, price, volume, ...(typeof id === 'number' && { id }) })
      if (isCancel) this.cancelledOfAll.set(id ?? -1, each)
      else if (id === undefined || id === null || !this.#allIds.has(id)) this.all.push(each)
      if (!isCancel && typeof id === 'number') this.#allIds.add(id)
      if (isPassed) continue
      if (isCancel) this.#takeCancel(each)
      else this.#takeTrade(each, record)
    }
  }

  #takeTrade(each: Trade, record: KinesisStreamRecord): void {
    const { id } = each
    if (id !== undefined && this.#ids.has(id)) {
      this.repeated.trades++
      return
    }
    if (this.#isTooLate(each)) {
      if (id === undefined) this.tooLate.add(record.kinesis.sequenceNumber)
      return
    }
    if (id !== undefined) this.#ids.add(id)
    this.accepted.push(each)
    if (this.#newest === undefined || isEarlier(this.#newest, each)) this.#newest = each
  }

  #takeCancel(each: Trade): void {
    const { id = -1 } = each
    if (this.#isTooLate(each)) return
    this.cancelled.set(id, each)
    // What is cancelled before it comes is never taken.
    this.#ids.add(id)
  }

  #isTooLate(each: Trade): boolean {
    const newest = this.#newest
    if (newest === undefined || minuteOf(each.seconds) >= minuteOf(newest.seconds)) return false
    return newest.seconds - each.seconds + (newest.nanos - each.nanos) / 1e9 > LATENESS_SECONDS
  }
}

/** The oracles of all symbols, from the records of the stream `ticks` in their order. */
export function judge(records: readonly KinesisStreamRecord[]): ReadonlyMap<string, SymbolOracle> {
  const oracles = new Map<string, SymbolOracle>()
  for (const record of records) {
    const { partitionKey } = record.kinesis
    const oracle = oracles.get(partitionKey) ?? new SymbolOracle()
    oracles.set(partitionKey, oracle)
    oracle.take(record)
  }
  return oracles
}
