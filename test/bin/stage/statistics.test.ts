import { expect, it } from 'vitest'

import { readMetricLine } from '../../../bin/stage/metric-line.ts'
import { MetricWindow } from '../../../bin/stage/statistics.ts'
import { metricLine } from '../../support/metric-line.ts'

function windowOf(lines: readonly { at: number; text: string }[], periodMs = 1000): MetricWindow {
  const window = new MetricWindow(periodMs)
  for (const { at, text } of lines) {
    const line = readMetricLine(text)
    if (line !== undefined) window.add(at, line)
  }
  return window
}

it('gives what CloudWatch computes of each metric, by service and name', () => {
  const latencies = Array.from({ length: 100 }, (_, index) => 100 - index)
  const window = windowOf([
    { at: 1, text: metricLine('b', { Latency: latencies.slice(0, 60) }) },
    { at: 2, text: metricLine('b', { Latency: latencies.slice(60) }) },
    { at: 2, text: metricLine('a', { Bars: 3 }) },
    { at: 3, text: metricLine('a', { Bars: 1 }) },
  ])
  const one = { service: 'a', name: 'Bars', unit: 'Count' }
  const other = { service: 'b', name: 'Latency', unit: 'Milliseconds' }
  expect(window.get(3)).toEqual([
    { ...one, samples: 2, sum: 4, average: 2, minimum: 1, p50: 3, p99: 3, maximum: 3 },
    { ...other, samples: 100, sum: 5050, average: 50.5, minimum: 1, p50: 51, p99: 100, maximum: 100 },
  ])
})

it('forgets what is older than its period', () => {
  const window = windowOf([
    { at: 1, text: metricLine('a', { Bars: 3 }) },
    { at: 500, text: metricLine('a', { Bars: 1 }) },
  ])
  expect(window.get(1000)).toMatchObject([{ samples: 2 }])
  expect(window.get(1001)).toMatchObject([{ samples: 1, sum: 1 }])
  expect(window.get(1500)).toEqual([])
})
