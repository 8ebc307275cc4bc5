import { afterEach, expect, it, vi } from 'vitest'

import { createTelemetry } from '../../../../functions/shared/runtime/telemetry.ts'

const lines: string[] = []

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  lines.length = 0
})

it.each([1, 99, 100, 101, 200])('each of %i latencies is published once', (count) => {
  vi.stubEnv('POWERTOOLS_DEV', 'true')
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false')
  vi.stubEnv('POWERTOOLS_METRICS_NAMESPACE', 'TickStock/test')
  vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line))
  const latencies = Array.from({ length: count }, (_, index) => index)
  createTelemetry('bar-writer').measure({ counts: { BarsWritten: 7 }, latencies: { BarLatency: latencies } })
  const published: readonly { BarLatency?: number | number[]; BarsWritten?: number }[] = lines.map((line) =>
    JSON.parse(line),
  )
  expect(published.flatMap(({ BarLatency = [] }) => BarLatency)).toEqual(latencies)
  expect(published.flatMap(({ BarsWritten = [] }) => BarsWritten)).toEqual([7])
})
