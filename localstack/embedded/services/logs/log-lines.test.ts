import { describe, expect, it } from 'vitest'
import { LogLines } from './log-lines.ts'

const all = { afterId: 0, from: 0, before: Infinity }

function linesUntil(last: number, kept: number): LogLines {
  const lines = new LogLines(kept)
  for (let id = 1; id <= last; id++) lines.append({ id, timestamp: id * 10, message: `line ${id}` })
  return lines
}

describe('the lines of a log group', () => {
  it('are found as they were appended, packed or not', () => {
    const found = linesUntil(1234, 10_000).find(all)
    expect(found.map(({ id }) => id)).toEqual(Array.from({ length: 1234 }, (_, index) => index + 1))
    expect(found[700]).toEqual({ id: 701, timestamp: 7010, message: 'line 701' })
  })

  it('are found after an id and within a time', () => {
    const lines = linesUntil(1000, 10_000)
    expect(lines.find({ ...all, afterId: 998 }).map(({ id }) => id)).toEqual([999, 1000])
    expect(lines.find({ ...all, from: 2490, before: 2520 }).map(({ id }) => id)).toEqual([249, 250, 251])
  })

  it('are as many as are kept, and at most a chunk more', () => {
    const found = linesUntil(5100, 1000).find(all)
    expect(found.length).toBeGreaterThanOrEqual(1000)
    expect(found.length).toBeLessThan(1000 + 250)
    expect(found.at(-1)?.id).toBe(5100)
  })

  it('take less than a tenth of the bytes of what functions print', () => {
    const lines = new LogLines(10_000)
    let bytes = 0
    for (let id = 1; id <= 10_000; id++) {
      const message = metricLine(id)
      bytes += message.length
      lines.append({ id, timestamp: id, message })
    }
    expect(lines.packedBytes).toBeGreaterThan(0)
    expect(lines.packedBytes).toBeLessThan(bytes / 10)
    expect(lines.find(all)).toHaveLength(10_000)
  })
})

function metricLine(id: number): string {
  const metrics = [{ Name: 'TicksProcessed', Unit: 'Count' }]
  const directive = { Namespace: 'test', Dimensions: [['service']], Metrics: metrics }
  return JSON.stringify({
    _aws: { Timestamp: id, CloudWatchMetrics: [directive] },
    service: 'aggregator',
    TicksProcessed: id % 97,
  })
}
