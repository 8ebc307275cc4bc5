import { describe, expect, it } from 'vitest'

import { type ClosedBar, closedBarsLine } from '../../../bin/embedded/closed-bars.ts'

function bar(symbol: string, minute: number, revision = 1): ClosedBar {
  const timestamp = new Date(Date.UTC(2025, 10, 10, 17, minute))
  return {
    symbol,
    timestamp,
    open: '150.25',
    high: '151',
    low: '149.5',
    close: '150',
    volume: '1234',
    revision,
  }
}

describe('the line of closed bars', () => {
  const bars = [bar('MSFT', 24), bar('AAPL', 24), bar('NVDA', 24), bar('TSLA', 24)]

  it('has the bars of the newest minute, as many as fit', () => {
    expect(closedBarsLine(bars, Infinity)).toBe(
      '17:24Z  4 bars  AAPL O150.25 H151 L149.5 C150 V1234  MSFT O150.25 H151 L149.5 C150 V1234  NVDA O150.25 H151 L149.5 C150 V1234',
    )
    expect(closedBarsLine(bars, 79)).toBe('17:24Z  4 bars  AAPL O150.25 H151 L149.5 C150 V1234')
    expect(closedBarsLine(bars, 20)).toBe('17:24Z  4 bars')
  })

  it('counts the bars of earlier minutes that were revised', () => {
    expect(closedBarsLine([bar('AAPL', 22), bar('AAPL', 23, 2), bar('AAPL', 24)], 79)).toBe(
      '17:24Z  1 bar, 1 revised  AAPL O150.25 H151 L149.5 C150 V1234',
    )
  })

  it('is none without a bar', () => {
    expect(closedBarsLine([], 79)).toBeUndefined()
  })
})
