import { describe, expect, it } from 'vitest'

import { BarSeries } from '../../web/src/market/bar.ts'
import { startForming, withTicks } from '../../web/src/market/forming-candle.ts'
import { rollUp } from '../../web/src/market/roll-up.ts'
import { tailOf } from '../../web/src/state/chart-minutes.ts'
import { bar } from './bars.ts'

const MINUTES = [
  bar({ time: 300, open: '10', high: '12', low: '9', close: '11', volume: '2', notional: '21', trades: 2 }),
  bar({
    time: 360,
    open: '11',
    high: '11.5',
    low: '8.75',
    close: '9',
    volume: '1',
    notional: '9.5',
    revision: 2,
  }),
]

describe('a longer bar of its minutes', () => {
  it('is what the API computes', () => {
    expect(rollUp(300, MINUTES)).toEqual({
      time: 300,
      open: '10',
      high: '12',
      low: '8.75',
      close: '9',
      volume: '3',
      notional: '30.5',
      vwap: '10.16666667',
      trades: 3,
      revision: 3,
      complete: false,
    })
  })

  it('has no notional where a minute has none, unless that has no volume either', () => {
    expect(rollUp(300, [bar(), bar({ time: 60, notional: null })])).toMatchObject({
      notional: null,
      vwap: null,
    })
    expect(rollUp(300, [bar(), bar({ time: 60, notional: null, volume: '0' })])).toMatchObject({
      notional: '10',
    })
    expect(rollUp(300, [])).toBeUndefined()
  })

  it('ends with the candle that forms', () => {
    const series = new BarSeries()
    series.merge(MINUTES)
    const prices = { open: '9', high: '13', low: '9', close: '13' }
    const forming = withTicks(startForming(0), { symbol: 'A', ...prices, volume: '4', trades: 1, time: 425 })
    const [tail] = tailOf(series, forming, { timeframe: '5Min', zone: 'UTC' })
    expect(tail).toMatchObject({ time: 300, open: '10', high: '13', close: '13', volume: '7', trades: 4 })
    expect(tailOf(series, forming, { timeframe: '1Min', zone: 'UTC' }).map(({ time }) => time)).toEqual([420])
  })

  it('counts no minute twice whose bar has arrived', () => {
    const series = new BarSeries()
    series.merge(MINUTES)
    const prices = { open: '9', high: '99', low: '9', close: '99' }
    const forming = withTicks(startForming(0), { symbol: 'A', ...prices, volume: '4', trades: 1, time: 365 })
    expect(tailOf(series, forming, { timeframe: '5Min', zone: 'UTC' })).toMatchObject([
      { high: '12', volume: '3' },
    ])
  })

  it('is none where only the API knows when a bar begins', () => {
    const series = new BarSeries()
    series.merge(MINUTES)
    expect(tailOf(series, undefined, { timeframe: '1Session', zone: 'UTC' })).toEqual([])
  })
})
