import { symbolNames } from '../feed/symbols.ts'
import type { ArchivedTrade } from '../functions/archive/archived-trade.ts'
import { History, HOUR } from '../test/functions/rebuilder/harness.ts'
import { archivedTrade } from '../test/support/archived.ts'
import type { Figure } from './measure.ts'

const HOURS = 3
const HOUR_SECONDS = 3600
/** A day of 70 symbols at a trade a second. */
const DAY = 70 * 86_400

/** A rebuild of hours of 70 symbols at a trade a second, objects read and decoded, without S3 and the database. */
export async function benchRebuild(): Promise<Figure[]> {
  const symbols = symbolNames(70)
  const history = new History()
  for (let hour = 0; hour < HOURS; hour++) history.archive(tradesOf(symbols, hour))
  const started = performance.now()
  const { put } = await history.rebuild({ symbols, to: HOUR + HOURS * HOUR_SECONDS })
  const seconds = (performance.now() - started) / 1000
  if (put !== symbols.length * HOURS * 60) throw new Error(`${put} bars were rebuilt`)
  const perSecond = (symbols.length * HOURS * HOUR_SECONDS) / seconds
  return [
    { name: 'rebuild of bars', value: perSecond, unit: 'trades/s' },
    {
      name: 'rebuild of a day of 70 symbols, 6 million trades',
      value: DAY / perSecond,
      unit: 's',
      aim: '< 60',
    },
  ]
}

function tradesOf(symbols: readonly string[], hour: number): ArchivedTrade[] {
  const trades: ArchivedTrade[] = []
  for (let second = hour * HOUR_SECONDS; second < (hour + 1) * HOUR_SECONDS; second++)
    for (const [place, symbol] of symbols.entries())
      trades.push(
        archivedTrade({
          symbol,
          seconds: HOUR + second,
          price: { units: 15_000 + ((second * 7 + place) % 300), scale: 2 },
          volume: { units: ((second + place) % 900) + 1, scale: 0 },
          id: second,
          line: 'x',
          contiguous: true,
          source: 'feed',
          sequence: second,
          sequenceNumber: `4963${10n ** 50n + BigInt(second * symbols.length + place)}`,
          arrivedAt: (HOUR + second) * 1000,
        }),
      )
  return trades
}
