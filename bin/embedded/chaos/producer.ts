import { setTimeout as wait } from 'node:timers/promises'

import { hashText, sfc32 } from '../../../feed/random.ts'
import type { KinesisPort } from '../../../feed/kinesis-port.ts'
import type { Trade } from '../../../functions/domain/trade.ts'
import { ChaosMarket, columnsOf, type MadeRecord, type MarketOptions } from './chaos-market.ts'
import { observedAt, type Recorder } from './outside/recorder.ts'

const RETRY_MS = 100

export type ProducerOptions = {
  readonly kinesis: KinesisPort
  readonly stream: string
  readonly market: MarketOptions
  readonly seed: number
  /** How long a round lasts at least. */
  readonly roundMs: number
  /** What a round does that an outage has held up: it is made up for at once, or the market has waited. */
  readonly afterOutage: 'catch up' | 'go on'
  /** Keeps when each record was sent and acknowledged. */
  readonly recorder?: Recorder
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
  const { seed, roundMs, afterOutage } = options
  const acknowledged = new Map<string, Trade[]>(options.market.symbols.map((symbol) => [symbol, []]))
  const [a, b] = hashText(`trades ${seed}`)
  const market = new ChaosMarket(options.market, sfc32([a, b, seed >>> 0, 2]))
  const put = async (made: readonly MadeRecord[]): Promise<void> => {
    await putAll(made, options)
    for (const { symbol, trades } of made) acknowledged.get(symbol)?.push(...trades)
  }
  for (let due = performance.now(); !signal.aborted;) {
    await put(market.nextRound())
    due += roundMs
    if (afterOutage === 'go on') due = Math.max(due, performance.now())
    await wait(Math.max(0, due - performance.now()), undefined, { signal }).catch(() => undefined)
  }
  await put(market.lastRound())
  return acknowledged
}

async function putAll(
  made: readonly MadeRecord[],
  { kinesis, stream, recorder }: Pick<ProducerOptions, 'kinesis' | 'stream' | 'recorder'>,
): Promise<void> {
  const sentAt = observedAt()
  let left = made
  for (let attempts = 1; left.length > 0; attempts++) {
    const result = await kinesis.putRecords(
      stream,
      left.map(({ record }) => record),
    )
    // A runtime that is starting may not know its streams yet: whatever it answers, the put is repeated.
    const outcomes = result.type === 'answered' ? result.outcomes : []
    const isTaken = (index: number): boolean => outcomes[index]?.type === 'accepted'
    const answeredAt = observedAt()
    for (const { symbol, trades } of left.filter((_, index) => isTaken(index)))
      recorder?.note({
        type: 'put',
        symbol,
        outcome: 'acknowledged',
        sentAt,
        answeredAt,
        attempts,
        trades: columnsOf(trades),
      })
    left = left.filter((_, index) => !isTaken(index))
    if (left.length > 0) await wait(RETRY_MS)
  }
}
