import { setTimeout as wait } from 'node:timers/promises'

import { hashText, type Random, sfc32 } from '../../../feed/random.ts'
import type { KinesisPort, PutRecord } from '../../../feed/kinesis-port.ts'
import { formatDecimal } from '../../../functions/domain/decimal.ts'
import type { Trade } from '../../../functions/domain/trade.ts'

/** Seconds of the trades' own time in one round, and how long a round lasts at least: bars close at thirty times the speed. */
const ROUND_SECONDS = 3
const ROUND_MS = 100
/** A share of trades is late by up to so many seconds: less than the allowed lateness, so that bars are revised. */
const LATE_SHARE = 0.05
const LATE_SECONDS = 90
const RETRY_MS = 100

export type ProducerOptions = {
  readonly kinesis: KinesisPort
  readonly stream: string
  readonly symbols: readonly string[]
  readonly seed: number
  /** Unix seconds of the first trade. */
  readonly begin: number
}

/** What a stream has acknowledged: the trades of each symbol in order. */
export type Acknowledged = ReadonlyMap<string, readonly Trade[]>

/**
 * Puts trades of its own until it is told to stop, a record of each symbol at a time, and repeats a record, with the same
 * bytes, until the stream has acknowledged it. Independent of the feed's publisher: it is to find faults there, too.
 *
 * @returns all trades that were put, each of them acknowledged
 */
export async function produce(options: ProducerOptions, signal: AbortSignal): Promise<Acknowledged> {
  const { symbols, seed, begin } = options
  const trades = new Map<string, Trade[]>(symbols.map((symbol) => [symbol, []]))
  const [a, b] = hashText(`trades ${seed}`)
  const random = sfc32([a, b, seed >>> 0, 2])
  for (let round = 0; !signal.aborted; round++) {
    const ended = wait(ROUND_MS)
    const records = symbols.map((symbol) => {
      const made = tradesOf(begin + round * ROUND_SECONDS, random)
      trades.get(symbol)?.push(...made)
      return recordOf(symbol, round + 1, made)
    })
    await putAll(records, options)
    await ended
  }
  return trades
}

function tradesOf(second: number, random: Random): Trade[] {
  const count = 1 + Math.floor(random() * 4)
  return Array.from({ length: count }, () => {
    const late = random() < LATE_SHARE ? Math.floor(random() * LATE_SECONDS) : 0
    return {
      seconds: second - late + Math.floor(random() * ROUND_SECONDS),
      nanos: Math.floor(random() * 1000) * 1_000_000,
      price: { units: 10_000 + Math.floor(random() * 5000), scale: 2 },
      volume: { units: Math.floor(random() * 1_000_000), scale: 4 },
    }
  })
}

function recordOf(symbol: string, sequence: number, trades: readonly Trade[]): PutRecord {
  const ticks = trades.map(({ seconds, nanos, price, volume }) => [
    `${seconds}.${String(nanos).padStart(9, '0')}`,
    formatDecimal(price.units, price.scale),
    formatDecimal(volume.units, volume.scale),
  ])
  return {
    partitionKey: symbol,
    data: Buffer.from(JSON.stringify({ symbol, source: 'chaos', sequence, ticks })),
  }
}

async function putAll(
  records: readonly PutRecord[],
  { kinesis, stream }: Pick<ProducerOptions, 'kinesis' | 'stream'>,
): Promise<void> {
  for (let left = records; left.length > 0;) {
    const result = await kinesis.putRecords(stream, left)
    // A runtime that is starting may not know its streams yet: whatever it answers, the put is repeated.
    const outcomes = result.type === 'answered' ? result.outcomes : []
    left = left.filter((_, index) => outcomes[index]?.type !== 'accepted')
    if (left.length > 0) await wait(RETRY_MS)
  }
}
