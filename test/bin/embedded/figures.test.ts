import { describe, expect, it } from 'vitest'

import { FigureReader } from '../../../bin/embedded/figures.ts'
import { metricLine } from '../../support/metric-line.ts'

describe('the figures of the status line', () => {
  it('sum up counters over all functions', () => {
    const figures = new FigureReader()
    for (const [service, values] of [
      ['aggregator', { TicksProcessed: 10, TicksLate: 1, TicksDuplicate: 2, TicksRejected: 3 }],
      ['aggregator', { TicksProcessed: 5, TicksLate: 0, TicksDuplicate: 0, TicksRejected: 1 }],
      ['bar-writer', { BarsWritten: 4 }],
    ] as const)
      expect(figures.read(metricLine(service, values))).toBe(true)
    expect(figures.get()).toMatchObject({ ticks: 15, late: 1, duplicates: 2, rejected: 4, bars: 4 })
  })

  it('count revisions apart from bars', () => {
    const figures = new FigureReader()
    figures.read(metricLine('bar-writer', { BarsWritten: 10 }))
    figures.read(metricLine('aggregator', { BarsCompleted: 7, BarsRevised: 2 }))
    figures.read(metricLine('sweeper', { BarsCompleted: 0, BarsRevised: 1 }))
    expect(figures.get()).toMatchObject({ bars: 7, revised: 3, written: 10 })
  })

  it('have the symbols of the database, not those that instances have tracked before they ended', () => {
    const figures = new FigureReader()
    figures.read(metricLine('aggregator', { SymbolsTracked: 7 }, { logStream: 'one' }))
    figures.noteSymbols(7)
    figures.read(metricLine('aggregator', { SymbolsTracked: 7 }, { logStream: 'two' }))
    expect(figures.get().symbols).toBe(7)
  })

  it('give the rate of the last seconds', () => {
    let now = 0
    const figures = new FigureReader(() => now)
    figures.read(metricLine('aggregator', { TicksProcessed: 100 }))
    now = 2000
    figures.read(metricLine('aggregator', { TicksProcessed: 50 }))
    expect(figures.get().ticksPerSecond).toBe(30)
    now = 5001
    expect(figures.get().ticksPerSecond).toBe(10)
    expect(figures.get().ticks).toBe(150)
  })

  it('give the percentiles of the latencies, and none before the first', () => {
    const figures = new FigureReader()
    expect(figures.get()).toMatchObject({ latencyP50: undefined, latencyP99: undefined })
    const values = Array.from({ length: 100 }, (_, index) => index + 1)
    figures.read(metricLine('bar-writer', { BarLatency: values.slice(0, 90) }))
    figures.read(metricLine('bar-writer', { BarLatency: values.slice(90) }))
    expect(figures.get()).toMatchObject({ latencyP50: 51, latencyP99: 100 })
  })

  it('count indicators and patterns, and name the last pattern found', () => {
    const figures = new FigureReader()
    figures.read(
      metricLine(
        'analytics',
        { IndicatorsCalculated: 54, PatternsDetected: 1 },
        { lastPattern: 'AAPL hammer' },
      ),
    )
    figures.read(metricLine('analytics', { IndicatorsCalculated: 27, PatternsDetected: 0 }))
    figures.read(metricLine('bar-writer', { SignalLatency: [12, 14] }))
    figures.read(metricLine('broadcaster', { BroadcastLatency: [5, 9] }))
    expect(figures.get()).toMatchObject({
      indicators: 81,
      patterns: 1,
      lastPattern: 'AAPL hammer',
      signalLatencyP99: 14,
      broadcastLatencyP99: 9,
      latencyP99: undefined,
    })
  })

  it('forget rate and latencies when the live feed starts, and keep the sums', () => {
    const figures = new FigureReader(() => 0)
    figures.read(metricLine('aggregator', { TicksProcessed: 100 }))
    figures.read(metricLine('bar-writer', { BarLatency: 9000, BarsWritten: 1 }))
    figures.startLive()
    expect(figures.get()).toMatchObject({ ticks: 100, bars: 1, ticksPerSecond: 0, latencyP50: undefined })
  })

  it('leave other lines to whoever reads logs', () => {
    const figures = new FigureReader()
    expect(figures.read('{"level":"ERROR","message":"CloudWatchMetrics"}')).toBe(false)
    expect(figures.read('Error: no JSON')).toBe(false)
  })
})
