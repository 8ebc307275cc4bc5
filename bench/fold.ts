import { compute, computeTradeBars, type Trade as TardisTrade } from 'tardis-dev'

import { type Bar, barOf } from '../functions/domain/bar.ts'
import { MINUTE_SECONDS } from '../functions/domain/bar-builder.ts'
import { evolve } from '../functions/domain/evolve.ts'
import { INITIAL_STATE, type PendingBar } from '../functions/domain/minute-state.ts'
import { type Trades, tradesOf } from '../functions/domain/trade.ts'
import { readTrades, type RecordedTrade, runOf, toTrade } from '../test/support/trades.ts'
import { fastest, type Figure } from './measure.ts'
import { polarsBars } from './polars.ts'

const RULES = { latenessSeconds: 120, graceMs: 2000 }
const SET = 'comex-gc-20131007'
const CONTRACT = 'GC201312'
/** So many that the compiler has done its work, as in a function that runs for hours. */
const ROUNDS = 300
/** Of what takes fifty times as long. */
const SLOW_ROUNDS = 30
const MINUTES = { kind: 'time', interval: MINUTE_SECONDS * 1000 } as const

/** Parsed ticks in, bars out, against the bars of tardis-dev and polars of the same trades of one gold contract. */
export async function benchFold(): Promise<Figure[]> {
  const trades = readTrades(SET).filter(({ symbol }) => symbol === CONTRACT)
  const parsed = trades.map(toTrade)
  const ticks = tradesOf(parsed)
  const thousand = tradesOf(parsed.slice(0, 1000))
  const tenThousand = tradesOf(parsed.slice(0, 10_000))
  const messages = trades.map(tardisMessage)
  const best = {
    ...(await fastest(
      {
        ours: () => fold(ticks).length,
        text: () => barsOf(ticks),
        loop: () => bareLoop(ticks),
        tardis: () => tardisBars(messages),
      },
      ROUNDS,
    )),
    ...(await fastest(
      {
        tardisAsync: async () => {
          let count = 0
          for await (const _message of compute(stream(messages), computeTradeBars(MINUTES))) count++
          return count
        },
        thousand: () => barsOf(thousand),
        tenThousand: () => barsOf(tenThousand),
      },
      SLOW_ROUNDS,
    )),
  }
  const perSecond = (name: string): number => (parsed.length / (best[name] ?? Infinity)) * 1000
  const ratio = (one: string, other: string): number => perSecond(one) / perSecond(other)
  return [
    { name: 'fold', value: perSecond('ours'), unit: 'ticks/s' },
    { name: 'fold and bars as text, exact decimals', value: perSecond('text'), unit: 'ticks/s' },
    { name: 'bare loop over the same columns', value: perSecond('loop'), unit: 'ticks/s' },
    ...(await againstPolars(perSecond('ours'), bareLoop(ticks))),
    { name: 'tardis-dev trade bars, fed directly', value: perSecond('tardis'), unit: 'ticks/s' },
    { name: 'tardis-dev trade bars, compute()', value: perSecond('tardisAsync'), unit: 'ticks/s' },
    { name: 'fold / tardis-dev, fed directly', value: ratio('ours', 'tardis'), unit: 'x', aim: '>= 6' },
    {
      name: 'fold and bars as text / tardis-dev, fed directly',
      value: ratio('text', 'tardis'),
      unit: 'x',
      aim: '>= 4',
    },
    {
      name: 'fold and bars as text / tardis-dev, compute()',
      value: ratio('text', 'tardisAsync'),
      unit: 'x',
    },
    { name: '1,000 ticks', value: best['thousand'] ?? 0, unit: 'ms' },
    { name: '10,000 ticks', value: best['tenThousand'] ?? 0, unit: 'ms', aim: '<= 100' },
  ]
}

async function againstPolars(ours: number, bars: number): Promise<Figure[]> {
  const polars = await polarsBars(SET, CONTRACT)
  if (polars === undefined) return []
  if (polars.bars !== bars) throw new Error(`polars makes ${polars.bars} bars of the trades, we ${bars}`)
  const name = `polars group_by_dynamic, ${polars.threads} threads`
  return [
    { name, value: polars.perSecond, unit: 'ticks/s' },
    { name: `fold / ${name}`, value: ours / polars.perSecond, unit: 'x', aim: '>= 1' },
  ]
}

function fold(ticks: Trades): readonly PendingBar[] {
  const run = { ...runOf([], { sequenceNumber: '1' }), trades: ticks }
  return evolve(INITIAL_STATE, { type: 'trades', now: 0, runs: [run] }, RULES).state.outbox
}

/** The bars of the closed minutes, every decimal as its exact text. */
function barsOf(ticks: Trades): readonly Bar[] {
  return fold(ticks).map(({ builder, closedAt }) => barOf(CONTRACT, builder, { closedAt }))
}

const BAR_NUMBERS = 7
const loopBars = new Float64Array(BAR_NUMBERS * 1440)

/** The limit of the machine: the least that bars of trades in order need, as doubles, without a state; how many. */
function bareLoop({ columns, from, to }: Trades): number {
  const { seconds, price, volume } = columns
  let bars = 0
  for (let index = from; index < to;) {
    const start = Math.floor((seconds[index] ?? 0) / MINUTE_SECONDS) * MINUTE_SECONDS
    const open = price[index] ?? 0
    let high = open
    let low = open
    let sum = 0
    let notional = 0
    for (; index < to && (seconds[index] ?? 0) < start + MINUTE_SECONDS; index++) {
      const units = price[index] ?? 0
      const size = volume[index] ?? 0
      if (units > high) high = units
      if (units < low) low = units
      sum += size
      notional += units * size
    }
    const at = bars * BAR_NUMBERS
    loopBars[at] = start
    loopBars[at + 1] = open
    loopBars[at + 2] = high
    loopBars[at + 3] = low
    loopBars[at + 4] = price[index - 1] ?? 0
    loopBars[at + 5] = sum
    loopBars[at + 6] = notional
    bars++
  }
  return bars
}

function tardisBars(messages: readonly TardisTrade[]): number {
  const bars = computeTradeBars(MINUTES)()
  let count = 0
  for (const message of messages) for (const _bar of bars.compute(message)) count++
  return count
}

function tardisMessage({ symbol, timestamp, price, volume }: RecordedTrade): TardisTrade {
  const time = new Date(Number(timestamp) * 1000)
  return {
    type: 'trade',
    symbol,
    exchange: 'deribit',
    id: undefined,
    price: Number(price),
    amount: Number(volume),
    side: 'buy',
    timestamp: time,
    localTimestamp: time,
  }
}

async function* stream<Message>(messages: readonly Message[]): AsyncIterableIterator<Message> {
  yield* messages
}
