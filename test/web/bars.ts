import type { Bar } from '../../web/src/market/bar.ts'

/** A bar of a test; every trade at 10. */
export function bar(given: Partial<Bar> = {}): Bar {
  const prices = { open: '10', high: '10', low: '10', close: '10', volume: '1' }
  return { time: 0, ...prices, trades: 1, vwap: '10', notional: '10', revision: 1, complete: true, ...given }
}
