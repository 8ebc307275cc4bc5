import { computeTradeBars, type Trade as TardisTrade, type TradeBar } from 'tardis-dev'
import { describe, expect, it } from 'vitest'

import type { Bar } from '../../../functions/domain/bar.ts'
import { minuteOf } from '../../../functions/domain/bar-builder.ts'
import type { Trade } from '../../../functions/domain/trade.ts'
import { plainFold } from '../../../bin/stage/verify/plain-fold.ts'
import { plain } from '../../support/published-bars.ts'
import { domainBars, keyOf, recordedTicks } from '../../support/recorded-bars.ts'
import { readReferenceBars, readTrades, type RecordedSet } from '../../support/trades.ts'

/** What the sets hold of each trap, counted from the trades: bars, unless it says trades. */
type Counts = {
  readonly set: RecordedSet
  /** Trades with the timestamp of the one before them. */
  readonly tiedTrades: number
  /** Whose close, and whose open, the order among equal timestamps decides. */
  readonly tiedCloses: number
  readonly tiedOpens: number
  readonly zeroTrades: number
  /** With zero-volume trades alone. */
  readonly withoutVolume: number
  /** With other trades beside zero-volume ones that make an open, high, low or close. */
  readonly movedByZero: number
  /** The last of each symbol, and those of them that are published. */
  readonly last: number
  readonly publishedLast: number
}

// 92 tied closes and 52 bars without volume are those of both gold sets together.
const COUNTS: readonly Counts[] = [
  {
    set: 'kraken-xbtusdt-20251110',
    tiedTrades: 414,
    tiedCloses: 44,
    tiedOpens: 42,
    zeroTrades: 0,
    withoutVolume: 0,
    movedByZero: 0,
    last: 1,
    publishedLast: 0,
  },
  {
    set: 'comex-gc-20131007',
    tiedTrades: 12_050,
    tiedCloses: 46,
    tiedOpens: 76,
    zeroTrades: 147,
    withoutVolume: 32,
    movedByZero: 5,
    last: 10,
    publishedLast: 5,
  },
  {
    set: 'comex-gc-20131008',
    tiedTrades: 16_596,
    tiedCloses: 46,
    tiedOpens: 111,
    zeroTrades: 100,
    withoutVolume: 20,
    movedByZero: 3,
    last: 8,
    publishedLast: 0,
  },
]

const isTied = (a: Trade | undefined, b: Trade): boolean => a?.seconds === b.seconds && a.nanos === b.nanos
const hasVolume = ({ volume }: Trade): boolean => volume.units > 0

/** Ticks with the order among equal timestamps turned round. */
function tiesReversed(ticks: readonly Trade[]): Trade[] {
  const runs: Trade[][] = []
  for (const tick of ticks) {
    const run = runs.at(-1)
    if (run !== undefined && isTied(run[0], tick)) run.unshift(tick)
    else runs.push([tick])
  }
  return runs.flat()
}

/** The bars of tardis-dev, which knows a bar to be over only by what comes after it. */
function tardisBars(set: RecordedSet): Map<string, TradeBar> {
  const bars = new Map<string, TradeBar>()
  for (const [symbol, trades] of Map.groupBy(readTrades(set), (trade) => trade.symbol)) {
    const bar = computeTradeBars({ kind: 'time', interval: 60_000 })()
    const take = (trade: TardisTrade): void => {
      for (const made of bar.compute(trade))
        if (made.type === 'trade_bar')
          bars.set(keyOf(symbol, minuteOf(Math.floor(made.openTimestamp.getTime() / 1000))), made)
    }
    for (const { timestamp, price, volume } of trades)
      take(
        tardisTrade(symbol, { timestamp: Number(timestamp), price: Number(price), amount: Number(volume) }),
      )
    take(tardisTrade(symbol, { timestamp: 2 ** 32, price: 1, amount: 1 }))
  }
  return bars
}

function tardisTrade(
  symbol: string,
  { timestamp, price, amount }: { timestamp: number; price: number; amount: number },
): TardisTrade {
  const time = new Date(Math.round(timestamp * 1000))
  return {
    type: 'trade',
    symbol,
    exchange: 'binance',
    id: undefined,
    price,
    amount,
    side: 'unknown',
    timestamp: time,
    localTimestamp: time,
  }
}

describe.each(COUNTS)('the traps of $set', ({ set, ...counts }) => {
  const bySymbol = recordedTicks(set)
  const published = new Map(readReferenceBars(set).map((bar) => [`${bar.symbol} ${bar.timestamp}`, bar]))
  const ours = new Map(
    [...bySymbol].flatMap(([symbol, ticks]) =>
      domainBars(symbol, ticks).bars.map((bar) => [keyOf(symbol, bar.start), bar] as const),
    ),
  )

  /** The bars that some treatment of the ticks would change, by what it makes of them; undefined where it loses one. */
  function changedBy(
    treat: (ticks: readonly Trade[]) => readonly Trade[],
    differs: (bar: Bar, other: Bar) => boolean,
  ): Map<string, Bar | undefined> {
    const changed = new Map<string, Bar | undefined>()
    for (const [symbol, ticks] of bySymbol) {
      const others = new Map(domainBars(symbol, treat(ticks)).bars.map((bar) => [bar.start, bar]))
      for (const start of plainFold(ticks).keys()) {
        const key = keyOf(symbol, start)
        const [bar, other] = [ours.get(key), others.get(start)]
        if (bar === undefined || other === undefined || differs(bar, other)) changed.set(key, other)
      }
    }
    return changed
  }

  it.each([
    { price: 'close', count: counts.tiedCloses },
    { price: 'open', count: counts.tiedOpens },
  ] as const)(
    'trades that share a timestamp: their order decides $count bars’ $price',
    ({ price, count }) => {
      const changed = changedBy(tiesReversed, (bar, other) => bar[price] !== other[price])
      expect(changed.size).toBe(count)
      for (const [key, other] of changed) {
        const right = plain(published.get(key)?.[price])
        expect([key, plain(ours.get(key)?.[price])]).toEqual([key, right])
        expect([key, plain(other?.[price])]).not.toEqual([key, right])
      }
    },
  )

  it('zero-volume trades: without them bars are lost or have other prices; ours are the published ones', () => {
    const prices = ['open', 'high', 'low', 'close'] as const
    const changed = changedBy(
      (ticks) => ticks.filter(hasVolume),
      (bar, other) => prices.some((price) => bar[price] !== other[price]),
    )
    const lost = [...changed].filter(([, other]) => other === undefined)
    expect({
      zeroTrades: [...bySymbol.values()].flat().filter((tick) => !hasVolume(tick)).length,
      withoutVolume: lost.length,
      movedByZero: changed.size - lost.length,
    }).toEqual({
      zeroTrades: counts.zeroTrades,
      withoutVolume: counts.withoutVolume,
      movedByZero: counts.movedByZero,
    })
    for (const key of changed.keys()) {
      const [bar, right] = [ours.get(key), published.get(key)]
      for (const name of [...prices, 'volume'] as const)
        expect([key, name, plain(bar?.[name])]).toEqual([key, name, plain(right?.[name])])
    }
    for (const [key] of lost) expect(ours.get(key)).toMatchObject({ volume: '0', vwap: null })
  })

  it('zero-volume trades: where tardis-dev gives a vwap that is no number, ours is null, and only there', () => {
    const tardis = tardisBars(set)
    expect([...tardis.keys()].toSorted()).toEqual([...ours.keys()].toSorted())
    const noNumber = [...tardis].filter(([, { vwap }]) => Number.isNaN(vwap)).map(([key]) => key)
    expect(noNumber).toHaveLength(counts.withoutVolume)
    const without = [...ours].filter(([, { vwap }]) => vwap === null).map(([key]) => key)
    expect(without.toSorted()).toEqual(noNumber.toSorted())
  })

  it('the last bar of a symbol, which no later tick closes, comes with the flush', () => {
    const before = [...bySymbol].flatMap(([symbol, ticks]) => domainBars(symbol, ticks).beforeFlush)
    const known = new Set(before.map(({ symbol, start }) => keyOf(symbol, start)))
    const last = [...ours.keys()].filter((key) => !known.has(key))
    expect(last).toHaveLength(counts.last)
    const publishedLast = last.filter((key) => published.has(key))
    expect(publishedLast).toHaveLength(counts.publishedLast)
    for (const key of publishedLast)
      expect([key, plain(ours.get(key)?.close)]).toEqual([key, plain(published.get(key)?.close)])
  })

  it('ticks that come in order, many at the same time as the one before: none is late or taken for a duplicate', () => {
    const tied = [...bySymbol.values()].map(
      (ticks) => ticks.filter((tick, index) => isTied(ticks[index - 1], tick)).length,
    )
    expect(tied.reduce((sum, each) => sum + each, 0)).toBe(counts.tiedTrades)
    for (const [symbol, ticks] of bySymbol) {
      const { outcome, bars } = domainBars(symbol, ticks)
      expect(outcome).toMatchObject({
        applied: ticks.length,
        late: 0,
        duplicates: 0,
        revised: 0,
        refused: [],
      })
      expect(bars.reduce((sum, { tradeCount }) => sum + tradeCount, 0)).toBe(ticks.length)
    }
  })
})
