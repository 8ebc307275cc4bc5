import { compute, computeTradeBars, type Trade as TardisTrade } from 'tardis-dev'

import { type Bar, barOf } from '../functions/domain/bar.ts'
import { evolve } from '../functions/domain/evolve.ts'
import { INITIAL_STATE, type PendingBar } from '../functions/domain/minute-state.ts'
import { type Trades, tradesOf } from '../functions/domain/trade.ts'
import { readTrades, runOf, toTrade } from '../test/support/trades.ts'
import { fastest, type Figure } from './measure.ts'

const RULES = { latenessSeconds: 120, graceMs: 2000 }
const ROUNDS = 30

/** Parsed ticks in, bars out, against tardis-dev's trade bars on the same trades of one gold contract. */
export async function benchFold(): Promise<Figure[]> {
  const trades = readTrades('comex-gc-20131007').filter(({ symbol }) => symbol === 'GC201312')
  const parsed = trades.map(toTrade)
  const ticks = tradesOf(parsed)
  const thousand = tradesOf(parsed.slice(0, 1000))
  const tenThousand = tradesOf(parsed.slice(0, 10_000))
  const messages = trades.map(({ symbol, timestamp, price, volume }): TardisTrade => {
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
  })
  const kind = { kind: 'time', interval: 60_000 } as const
  const best = await fastest(
    {
      ours: () => fold(ticks).length,
      text: () => barsOf(ticks),
      tardis: () => {
        const bars = computeTradeBars(kind)()
        let count = 0
        for (const message of messages) for (const _bar of bars.compute(message)) count++
        return count
      },
      tardisAsync: async () => {
        let count = 0
        for await (const _message of compute(stream(messages), computeTradeBars(kind))) count++
        return count
      },
      thousand: () => barsOf(thousand),
      tenThousand: () => barsOf(tenThousand),
    },
    ROUNDS,
  )
  const perSecond = (name: string): number => (parsed.length / (best[name] ?? Infinity)) * 1000
  return [
    { name: 'fold', value: perSecond('ours'), unit: 'ticks/s' },
    { name: 'fold and bars as text, exact decimals', value: perSecond('text'), unit: 'ticks/s' },
    { name: 'tardis-dev trade bars, fed directly', value: perSecond('tardis'), unit: 'ticks/s' },
    { name: 'tardis-dev trade bars, compute()', value: perSecond('tardisAsync'), unit: 'ticks/s' },
    {
      name: 'fold / tardis-dev, fed directly',
      value: perSecond('ours') / perSecond('tardis'),
      unit: 'x',
    },
    {
      name: 'fold and bars as text / tardis-dev, fed directly',
      value: perSecond('text') / perSecond('tardis'),
      unit: 'x',
      aim: '>= 2',
    },
    {
      name: 'fold and bars as text / tardis-dev, compute()',
      value: perSecond('text') / perSecond('tardisAsync'),
      unit: 'x',
    },
    { name: '1,000 ticks', value: best['thousand'] ?? 0, unit: 'ms' },
    { name: '10,000 ticks', value: best['tenThousand'] ?? 0, unit: 'ms', aim: '<= 100' },
  ]
}

function fold(ticks: Trades): readonly PendingBar[] {
  const run = { ...runOf([], { sequenceNumber: '1' }), trades: ticks }
  return evolve(INITIAL_STATE, { type: 'trades', now: 0, runs: [run] }, RULES).state.outbox
}

/** The bars of the closed minutes, every decimal as its exact text. */
function barsOf(ticks: Trades): readonly Bar[] {
  return fold(ticks).map(({ builder, closedAt }) => barOf('GC201312', builder, { closedAt }))
}

async function* stream<Message>(messages: readonly Message[]): AsyncIterableIterator<Message> {
  yield* messages
}
