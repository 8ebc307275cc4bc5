import { describe, expect, it } from 'vitest'

import { readMetricLine } from '../../../bin/stage/metric-line.ts'
import { metricLine } from '../../support/metric-line.ts'

describe('a line in the embedded metric format', () => {
  it('gives its service, its instance, and each metric with its unit and values', () => {
    const line = metricLine('bar-writer', { BarsWritten: 2, BarLatency: [7, 9.5] }, { logStream: 'one' })
    expect(readMetricLine(line)).toEqual({
      service: 'bar-writer',
      logStream: 'one',
      metrics: [
        { name: 'BarsWritten', unit: 'Count', values: [2] },
        { name: 'BarLatency', unit: 'Milliseconds', values: [7, 9.5] },
      ],
    })
  })

  it.each([
    '',
    'plain text',
    '{"level":"INFO"}',
    '{"CloudWatchMetrics": broken',
    '{"_aws":{"CloudWatchMetrics":1}}',
  ])('is not %j', (text) => {
    expect(readMetricLine(text)).toBeUndefined()
  })
})
