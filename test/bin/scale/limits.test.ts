import { describe, expect, it } from 'vitest'

import { usageOf } from '../../../bin/cost/usage.ts'
import { simulateLatency } from '../../../bin/scale/latency.ts'
import { sharesOf } from '../../../bin/scale/loads.ts'
import { readConfig } from '../../../lib/config/read-config.ts'

const configOf = (context: Readonly<Record<string, string>> = {}) => {
  const given: Readonly<Record<string, string>> = { stage: 'prod', region: 'us-east-1', ...context }
  return readConfig((key) => given[key])
}

function shareOf(limit: string, symbols: number, context: Readonly<Record<string, string>> = {}): number {
  const [config, load] = [configOf(context), { symbols, ticksPerSecond: 100 }]
  const found = sharesOf(config, load, usageOf(config, load)).find((share) => share.limit === limit)
  if (found === undefined) throw new Error(`there is no limit ${limit}`)
  return found.used / found.allowed
}

describe('the limits of a load', () => {
  it('have the nearest first', () => {
    const [config, load] = [configOf(), { symbols: 10_000, ticksPerSecond: 100 }]
    const shares = sharesOf(config, load, usageOf(config, load)).map(({ used, allowed }) => used / allowed)
    expect(shares).toEqual(shares.toSorted((one, other) => other - one))
  })

  it('are a thousand records of a shard, those of the ten a second that the feed makes of a symbol', () => {
    expect(shareOf('records of `ticks`', 100)).toBeCloseTo(0.5)
    expect(shareOf('records of `ticks`', 100, { tickShards: '4' })).toBeCloseTo(0.25)
  })

  it('are what the bars of a minute need within a second of their stream, table and writers', () => {
    expect(
      shareOf('`bars` at the minute', 10_000, { barShards: '20', barWriterConcurrency: '21' }),
    ).toBeCloseTo(0.5)
    expect(shareOf('writes to a new `indicator-state` at the minute', 2000)).toBeCloseTo(1)
    expect(shareOf('reserved bar-writers', 10_000)).toBeGreaterThan(1)
    expect(shareOf('reserved bar-writers', 10_000, { barWriterConcurrency: '40' })).toBeLessThan(1)
  })
})

describe('the latency of a bar', () => {
  const latencyOf = (context: Readonly<Record<string, string>>, symbols = 200) => {
    const [config, load] = [configOf(context), { symbols, ticksPerSecond: 10 }]
    return simulateLatency(config, load, usageOf(config, load))
  }

  it('is the same each time', () => {
    expect(latencyOf({})).toEqual(latencyOf({}))
  })

  it('is that of two waits for the next read of a shard, which a push saves and a batch window makes longer', () => {
    const [lowest, low, economy] = ['lowest', 'low', 'economy'].map((latency) => latencyOf({ latency }))
    // Half of a second, twice.
    expect(low?.p50).toBeGreaterThan(1)
    expect(low?.p99).toBeLessThan(3)
    expect(lowest?.p50).toBeLessThan(0.6)
    expect(economy?.p50).toBeGreaterThan(4)
  })

  it('grows where a shard has more bars than it takes in a second', () => {
    const [config, load] = [configOf(), { symbols: 5000, ticksPerSecond: 10 }]
    const usage = usageOf(config, load)
    const few = simulateLatency(config, load, { ...usage, barShards: 1 })
    expect(few.p99).toBeGreaterThan(simulateLatency(config, load, usage).p99 + 2)
  })
})
