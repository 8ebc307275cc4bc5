import { tradesPath } from '../test/support/trades.ts'
import { outputOf } from './python-peer.ts'

const SCRIPT = `
import sys, time
import polars as pl
path, symbol = sys.argv[1:]
rows = pl.read_csv(path, schema_overrides={'timestamp': pl.Float64, 'price': pl.Float64}).filter(pl.col('symbol') == symbol)
trades = rows.select(
    pl.from_epoch((pl.col('timestamp') * 1e6).round().cast(pl.Int64), time_unit='us').alias('time'),
    (pl.col('price') * 10).round().cast(pl.Int64).alias('price'),
    pl.col('volume').cast(pl.Int64),
).rechunk().set_sorted('time')
price, volume = pl.col('price'), pl.col('volume')
bar = [
    price.first().alias('open'), price.max().alias('high'), price.min().alias('low'), price.last().alias('close'),
    volume.sum().alias('sum'), (price * volume).sum().alias('notional'), pl.len().alias('count'),
]
best = 1e9
for _ in range(300):
    started = time.perf_counter()
    bars = trades.group_by_dynamic('time', every='1m').agg(bar)
    best = min(best, time.perf_counter() - started)
print(len(trades) / best, len(bars), pl.thread_pool_size())
`

/** What polars makes of the trades of a contract: trades a second, its bars and the threads of its pool. */
export async function polarsBars(
  set: Parameters<typeof tradesPath>[0],
  symbol: string,
): Promise<{ readonly perSecond: number; readonly bars: number; readonly threads: number } | undefined> {
  const printed = await outputOf({
    name: 'polars',
    version: '2.1.0',
    script: SCRIPT,
    arguments: [tradesPath(set), symbol],
  })
  if (printed === undefined) return undefined
  const [perSecond = Number.NaN, bars = 0, threads = 0] = printed.trim().split(' ').map(Number)
  return { perSecond, bars, threads }
}
