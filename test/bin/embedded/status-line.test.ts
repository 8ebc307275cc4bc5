import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { Figures } from '../../../bin/embedded/figures.ts'
import { statusLine } from '../../../bin/embedded/status-line.ts'

const FIGURES: Figures = {
  ticks: 170_000,
  ticksPerSecond: 70,
  symbols: 70,
  bars: 8470,
  revised: 12,
  written: 8482,
  late: 0,
  duplicates: 0,
  missing: 0,
  incomplete: 0,
  rejected: 3,
  latencyP50: 10,
  latencyP99: 19,
  indicators: 167_440,
  patterns: 3395,
  lastPattern: 'PLTR doji',
  signalLatencyP50: 30,
  signalLatencyP99: 60,
  broadcastLatencyP50: undefined,
  broadcastLatencyP99: undefined,
}

describe('the status line', () => {
  it.each([
    [
      200,
      '70 ticks/s  70 symbols  8,470 bars  12 revised  bar latency p50/p99 10/19 ms  0 late  0 duplicate  3 rejected  167,440 indicators  3,395 patterns  (last PLTR doji)',
    ],
    [
      119,
      '70 ticks/s  70 symbols  8,470 bars  12 revised  bar latency p50/p99 10/19 ms  0 late  0 duplicate  3 rejected',
    ],
    [105, '70 ticks/s  70 symbols  8,470 bars  12 revised  latency 10/19 ms  0 late  0 dup  3 rejected'],
    [79, '70 ticks/s  8,470 bars  12 revised  latency 10/19 ms  0 late  0 dup  3 rejected'],
    [78, '70 ticks/s  8,470 bars  latency 10/19 ms  0 late  0 dup  3 rejected'],
    [60, '70 ticks/s  8,470 bars  0 late  0 dup  3 rejected'],
    [45, '70 ticks/s  8,470 bars  0 late  3 rejected'],
    [20, '0 late  3 rejected'],
    [1, '3 rejected'],
  ])('in %d characters is what matters most', (width, line) => {
    expect(statusLine(FIGURES, width)).toBe(line)
  })

  it.each([
    [
      200,
      'aggregator IS 6 min BEHIND on ticks (499 records)  70 ticks/s  70 symbols  8,470 bars  12 revised  bar latency p50/p99 10/19 ms  0 late  0 duplicate  3 rejected  167,440 indicators  3,395 patterns',
    ],
    [79, 'aggregator IS 6 min BEHIND  70 ticks/s  8,470 bars  0 late  0 dup  3 rejected'],
    [1, 'aggregator IS 6 min BEHIND'],
  ])('in %d characters begins with a function that is behind its stream', (width, line) => {
    const late = [
      {
        mapping: 'm',
        streamName: 'ticks',
        functionName: 'aggregator',
        records: 499,
        oldestMs: 360_000,
        settled: 7,
      },
    ]
    expect(statusLine(FIGURES, width, late)).toBe(line)
  })

  it('fits every width from 59 characters on, whatever the figures, and always tells what was rejected and late', () => {
    const large = fc.nat(999_999_999)
    fc.assert(
      fc.property(fc.integer({ min: 59, max: 250 }), large, large, large, large, (width, ...numbers) => {
        const [bars, late, rejected, latency] = numbers
        const figures = { ...FIGURES, bars, late, rejected, latencyP50: latency, latencyP99: latency }
        const line = statusLine(figures, width)
        expect(line.length).toBeLessThanOrEqual(width)
        expect(line).toContain(`${late.toLocaleString('en-US')} late`)
        expect(line).toContain(`${rejected.toLocaleString('en-US')} rejected`)
      }),
    )
  })

  it('leaves out neither late nor duplicate nor rejected ticks at 120 columns, whatever the figures', () => {
    const large = fc.nat(999_999_999)
    fc.assert(
      fc.property(fc.integer({ min: 119, max: 250 }), large, large, large, large, (width, ...numbers) => {
        const [late, duplicates, rejected, all] = numbers
        const other = { bars: all, revised: all, ticksPerSecond: all, latencyP50: all, latencyP99: all }
        const line = statusLine({ ...FIGURES, ...other, late, duplicates, rejected }, width)
        expect(line).toMatch(/ late /)
        expect(line).toMatch(/ dup/)
        expect(line).toMatch(/ rejected/)
        expect(line.length).toBeLessThanOrEqual(width)
      }),
    )
  })
})
