import { readFileSync } from 'node:fs'

import { computeTradeBars, type Trade as TardisTrade, type TradeBar } from 'tardis-dev'
import { describe, expect, it } from 'vitest'

import { formatDecimal } from '../../../../functions/domain/decimal.ts'
import { priceOf } from '../../../../functions/domain/other-bars/amounts.ts'
import type { OtherBar } from '../../../../functions/domain/other-bars/other-bar.ts'
import { NAUTILUS_KINDS, goldTrades } from '../../../support/nautilus-trades.ts'
import { otherBars, type SidedTrade } from '../../../support/other-bars.ts'

const numberOf = ({ units, scale }: SidedTrade['price']): number => Number(formatDecimal(units, scale))

const gold = goldTrades()

type TardisKind = Pick<Parameters<typeof computeTradeBars>[0], 'kind' | 'interval'>

function tardisBars(kind: TardisKind, trades: readonly SidedTrade[]): readonly TradeBar[] {
  const bar = computeTradeBars(kind)()
  return trades.flatMap(({ seconds, nanos, price, volume, side }) => {
    const timestamp = new Date(seconds * 1000 + nanos / 1e6)
    const trade: TardisTrade = {
      type: 'trade',
      symbol: 'GC',
      exchange: 'binance',
      id: undefined,
      price: numberOf(price),
      amount: numberOf(volume),
      side: side === 1 ? 'buy' : side === -1 ? 'sell' : 'unknown',
      timestamp,
      localTimestamp: timestamp,
    }
    return [...bar.compute(trade)].filter((each) => each.type === 'trade_bar')
  })
}

describe('tardis-dev makes the same bars', () => {
  it.each<{ name: string; kind: TardisKind }>([
    { name: 'seconds:5', kind: { kind: 'time', interval: 5000 } },
    { name: 'tick:50', kind: { kind: 'tick', interval: 50 } },
    { name: 'volume:100', kind: { kind: 'volume', interval: 100 } },
  ])('of the kind $name', ({ name, kind }) => {
    const theirs = tardisBars(kind, gold)
    const ours = otherBars(name, gold).filter(({ isClosed }) => isClosed)
    expect(theirs.length).toBeGreaterThan(100)
    expect(ours.map(valuesOf)).toEqual(
      theirs.map((bar) => ({
        open: bar.open,
        high: bar.high,
        low: bar.low,
        close: bar.close,
        volume: bar.volume,
        trades: bar.trades,
        buyVolume: bar.buyVolume,
        sellVolume: bar.sellVolume,
        // That of a bar of time is its end, ours its start.
        time: bar.kind === 'time' ? bar.timestamp.getTime() - bar.interval : bar.openTimestamp.getTime(),
        last: bar.closeTimestamp.getTime(),
      })),
    )
  })
})

function valuesOf(bar: OtherBar) {
  return {
    open: Number(bar.open),
    high: Number(bar.high),
    low: Number(bar.low),
    close: Number(bar.close),
    volume: Number(bar.volume),
    trades: bar.tradeCount,
    buyVolume: Number(bar.buyVolume),
    sellVolume: Number(bar.sellVolume),
    time: bar.seconds * 1000 + Math.floor(bar.nanos / 1e6),
    last: bar.lastSeconds * 1000 + Math.floor(bar.lastNanos / 1e6),
  }
}

type NautilusBar = { readonly prices: string; readonly volume: string; readonly time: string }

/** Made by make-nautilus-bars.ts. */
const nautilusBars: ReadonlyMap<string, readonly NautilusBar[]> = (() => {
  const [, ...lines] = readFileSync(new URL('nautilus-bars.csv', import.meta.url), 'utf8')
    .trim()
    .split('\n')
  const bars = new Map<string, NautilusBar[]>()
  for (const line of lines) {
    const [kind = '', time = '', ...rest] = line.split(',')
    const [open = '', high = '', low = '', close = '', volume = ''] = rest.map(plain)
    const found = bars.get(kind) ?? []
    bars.set(kind, found)
    found.push({ prices: [open, high, low, close].join(' '), volume, time })
  }
  return bars
})()

/** Without zeros at its end. */
function plain(text: string): string {
  return formatDecimal(priceOf(text), 18)
}

function asNautilus(bars: readonly OtherBar[]): readonly NautilusBar[] {
  return bars
    .filter(({ isClosed }) => isClosed)
    .map(({ open, high, low, close, volume, lastSeconds, lastNanos }) => ({
      prices: [open, high, low, close].join(' '),
      volume,
      time: `${lastSeconds}${String(lastNanos).padStart(9, '0')}`,
    }))
}

/** The trades, each divided where its volume brings a sum to the threshold, as nautilus_trader divides them. */
function divided(
  trades: readonly SidedTrade[],
  { least, signOf }: { readonly least: bigint; readonly signOf: (trade: SidedTrade) => bigint },
): readonly SidedTrade[] {
  let sum = 0n
  return trades.flatMap((trade) => {
    const pieces: SidedTrade[] = []
    const sign = signOf(trade)
    for (let left = BigInt(trade.volume.units); left > 0n;) {
      const room = sign === 0n ? left : least - sign * sum
      const piece = room < left ? room : left
      pieces.push({ ...trade, volume: { units: piece, scale: 0 } })
      left -= piece
      sum += sign * piece
      if (sum === least || sum === -least) sum = 0n
    }
    return pieces
  })
}

const DIVIDED: Readonly<Record<string, Parameters<typeof divided>[1] | undefined>> = {
  'volume:1000': { least: 1000n, signOf: () => 1n },
  'imbalance:volume:200': { least: 200n, signOf: ({ side = 0 }) => BigInt(side) },
}

describe('nautilus_trader makes the same bars', () => {
  it.each(NAUTILUS_KINDS)(
    'of the kind $name, but for trades that it divides and volume that it repeats',
    ({ name, theirs }) => {
      const trades = gold
      const how = DIVIDED[name]
      const ours = asNautilus(otherBars(name, how === undefined ? trades : divided(trades, how)))
      const expected = nautilusBars.get(theirs) ?? []
      expect(expected.length).toBeGreaterThan(20)
      if (!name.startsWith('renko')) return expect(ours).toEqual(expected)
      // Of several bricks of one trade, the first has the volume, where nautilus_trader gives it to each of them.
      const isRepeated = ({ time, volume }: NautilusBar, before: NautilusBar | undefined) =>
        time === before?.time && volume === before.volume
      expect(ours).toEqual(
        expected.map((bar, index) => (isRepeated(bar, expected[index - 1]) ? { ...bar, volume: '0' } : bar)),
      )
    },
  )
})
