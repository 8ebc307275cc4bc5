import { outputOf } from './python-peer.ts'

const SCRIPT = `
import csv, gzip, sys, time
import numpy as np, talib
rows = list(csv.DictReader(gzip.open(sys.argv[1], 'rt')))
o, h, l, c, v = [np.array([float(r[k]) for r in rows]) for k in ('open', 'high', 'low', 'close', 'volume')]
patterns = 'DOJI HAMMER HANGINGMAN INVERTEDHAMMER SHOOTINGSTAR ENGULFING HARAMI MORNINGSTAR EVENINGSTAR 3WHITESOLDIERS 3BLACKCROWS'
def everything():
    for n in (5, 10, 20, 50, 100, 200): talib.SMA(c, n); talib.EMA(c, n)
    talib.RSI(c, 14); talib.MACD(c, 12, 26, 9); talib.BBANDS(c, 20, 2, 2); talib.ATR(h, l, c, 14)
    talib.ADX(h, l, c, 14); talib.PLUS_DI(h, l, c, 14); talib.MINUS_DI(h, l, c, 14)
    talib.STOCH(h, l, c, 14, 3, 0, 3, 0); talib.OBV(c, v)
    for p in patterns.split(): getattr(talib, 'CDL' + p)(o, h, l, c)
best = 1e9
for _ in range(20):
    t = time.perf_counter(); everything(); best = min(best, time.perf_counter() - t)
print(len(c) / best)
`

const DATA = new URL('../../shared/data/talib-golden.csv.gz', import.meta.url).pathname

/** Bars a second that TA-Lib's C functions take, each over whole columns; undefined, and told, without Python or PyPI. */
export async function batchSpeed(): Promise<number | undefined> {
  const printed = await outputOf({ name: 'TA-Lib', version: '0.6.8', script: SCRIPT, arguments: [DATA] })
  return printed === undefined ? undefined : Number(printed)
}
