import type { KinesisStreamRecord } from 'aws-lambda'

import { createTickParser } from '../functions/aggregator/decode.ts'
import { groupTrades } from '../functions/aggregator/group-trades.ts'
import { barOf } from '../functions/domain/bar.ts'
import { evolve } from '../functions/domain/evolve.ts'
import { INITIAL_STATE, type MinuteState } from '../functions/domain/minute-state.ts'
import type { Trade } from '../functions/domain/trade.ts'
import { barText } from '../functions/minute-state/bar-stream.ts'
import { encodeMinuteState } from '../functions/minute-state/codec.ts'
import { parseBatch } from '../functions/shared/streams/consume.ts'
import { RECORD_END, recordStart } from '../feed/encode.ts'
import { symbolNames } from '../feed/symbols.ts'
import { syntheticTicks } from '../feed/synthetic.ts'
import { kinesisRecord } from '../test/support/kinesis-event.ts'
import { runOf, trade } from '../test/support/trades.ts'
import { fastest, type Figure } from './measure.ts'

const RULES = { latenessSeconds: 120, graceMs: 2000 }
const RECORDS = 1000
const START = 1_760_106_720_000

/** Lambda event in, state and bars as text out, against bare base64 decoding and JSON.parse of the same records. */
export async function benchHandlerPath(): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const [ticksPerRecord, rounds] of [
    [1, 500],
    [60, 100],
  ] as const) {
    const records = recordsOf(ticksPerRecord)
    const best = await fastest(
      { bare: () => bare(records), ours: () => handle(records), least: () => eachByte(records) },
      rounds,
    )
    const { bare: parse = 0, ours = 1, least = 1 } = best
    const name = ticksPerRecord === 1 ? 'single ticks' : `batches of ${ticksPerRecord}`
    const ticks = RECORDS * ticksPerRecord
    figures.push(
      { name: `handler path, ${name}`, value: (ticks / ours) * 1000, unit: 'ticks/s' },
      { name: `base64 + JSON.parse, ${name}`, value: (ticks / parse) * 1000, unit: 'ticks/s' },
      {
        name: `handler path / bare parse, ${name}`,
        value: parse / ours,
        unit: 'x',
        aim: ticksPerRecord === 1 ? '>= 1.5' : '>= 2',
      },
      { name: `base64 and each byte once / bare parse, ${name}`, value: parse / least, unit: 'x' },
    )
  }
  return figures
}

function bare(records: readonly KinesisStreamRecord[]): number {
  let length = 0
  for (const { kinesis } of records) {
    const record: { symbol: string } = JSON.parse(Buffer.from(kinesis.data, 'base64').toString())
    length += record.symbol.length
  }
  return length
}

/** The limit of the machine: the least that a reader of text needs, which knows nothing of symbols, decimals or minutes. */
function eachByte(records: readonly KinesisStreamRecord[]): number {
  let sum = 0
  for (const { kinesis } of records) {
    const bytes = Buffer.from(kinesis.data, 'base64')
    for (let at = 0; at < bytes.length; at++) sum += bytes[at] ?? 0
  }
  return sum
}

function handle(records: readonly KinesisStreamRecord[]): number {
  const { runs, rejected } = groupTrades(
    parseBatch(
      records,
      createTickParser(records, () => false),
    ).readable,
  )
  if (rejected.length > 0) throw new Error('the benchmark sends nothing bad')
  let length = 0
  for (const [symbol, ofSymbol] of runs) {
    const { state } = evolve(INITIAL_STATE, { type: 'trades', now: START, runs: ofSymbol }, RULES)
    length += encodeMinuteState(state).length
    for (const { builder, closedAt } of state.outbox)
      length += barText(barOf(symbol, builder, { closedAt })).length
  }
  return length
}

/** Records of 70 symbols, a tick per symbol and second, over the end of a minute at least, played in once all is over. */
function recordsOf(ticksPerRecord: number): KinesisStreamRecord[] {
  const symbols = symbolNames(70)
  const end = START + 50_000 + Math.ceil(RECORDS / 70) * ticksPerRecord * 1000
  const pending = new Map<string, (readonly [string, string, string])[]>()
  const records: KinesisStreamRecord[] = []
  for (const { symbol, timestamp, price, volume } of syntheticTicks({
    symbols,
    seed: 1,
    intervalSeconds: 1,
    start: START + 50_000,
  })) {
    const ticks = pending.get(symbol) ?? []
    ticks.push([timestamp, price, volume])
    pending.set(symbol, ticks)
    if (ticks.length < ticksPerRecord) continue
    pending.delete(symbol)
    const numbers = ticks.map((tick) => tick.join(','))
    const data =
      ticksPerRecord === 1
        ? `{"symbol":"${symbol}","price":${price},"volume":${volume},"timestamp":${timestamp}}`
        : `${recordStart({ symbol, source: 'feed', sequence: START * 1000 + records.length })}[${numbers.join('],[')}]${RECORD_END}`
    const sequence = records.length + 1
    records.push(kinesisRecord({ data, partitionKey: symbol, sequence, arrivedAt: end + sequence }))
    if (records.length === RECORDS) break
  }
  return asLambdaGivesThem(records)
}

/** Lambda parses an event from its text: strings are then in one piece. */
function asLambdaGivesThem(records: readonly KinesisStreamRecord[]): KinesisStreamRecord[] {
  return JSON.parse(JSON.stringify(records))
}

/** Bytes that the states of some symbols keep, each with an open and two correctable minutes. */
export function benchMemory(): Figure[] {
  // Code is compiled and kept as well, once.
  retained(1)
  return [70, 10_000].map((symbols) => ({
    name: `memory of the state of ${symbols.toLocaleString('en-US')} symbols`,
    value: retained(symbols) / 1e6,
    unit: 'MB',
    aim: symbols === 70 ? '<= 1' : '<= 15.5',
  }))
}

function retained(count: number): number {
  const { gc } = globalThis
  if (gc === undefined) throw new Error('run with --expose-gc')
  const cache = new Map<string, MinuteState>()
  gc()
  const before = process.memoryUsage().heapUsed
  for (const symbol of symbolNames(count)) {
    let state = INITIAL_STATE
    for (let batch = 0; batch < 4; batch++) {
      const run = runOf(ticksOfBatch(batch), {
        sequenceNumber: `49${symbol}${batch}`,
        arrivedAt: START,
        producer: { source: 'feed', sequence: batch },
      })
      const taken = evolve(state, { type: 'trades', now: START, runs: [run] }, RULES).state
      state = evolve(taken, { type: 'emitted', count: taken.outbox.length }, RULES).state
    }
    cache.set(symbol, state)
  }
  gc()
  const bytes = process.memoryUsage().heapUsed - before
  return cache.size === count ? bytes : Number.NaN
}

function ticksOfBatch(batch: number): Trade[] {
  return Array.from({ length: 50 }, (_, second) =>
    trade({
      seconds: START / 1000 + 50 * batch + second,
      nanos: 123_000_000,
      price: `${150 + (second % 9)}.25`,
      volume: 100,
    }),
  )
}
