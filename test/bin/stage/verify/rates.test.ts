import { describe, expect, it } from 'vitest'

import { checkRates, latencyTarget } from '../../../../bin/stage/verify/rates.ts'
import { LATENCY_MS } from '../../../../lib/latency-target.ts'

describe('the latency that verify expects', () => {
  it('is that of the original project on one machine', () => {
    expect(latencyTarget('local', undefined)).toEqual({ p50: 100, p99: 100 })
    expect(latencyTarget('local', 'economy')).toEqual({ p50: 100, p99: 100 })
  })

  it.each([
    ['lowest', 500],
    ['low', 2000],
    ['economy', 12_000],
  ] as const)(
    'on AWS with latency %s is %i ms for half of the bars, and the threshold of the alarm',
    (latency, p50) => {
      expect(latencyTarget('prod', latency)).toEqual({ p50, p99: LATENCY_MS[latency] })
    },
  )

  it('is that of low where a deployment does not say', () => {
    expect(latencyTarget('prod', undefined)).toEqual(latencyTarget('prod', 'low'))
  })

  it.each([
    ['local', 'failed', 'failed', 'under 100 ms', 'under 100 ms'],
    ['prod', 'passed', 'failed', 'under 2 s', 'under 5 s'],
  ])('judges the bars of stage %s', async (stage, p50, p99, half, most) => {
    const row = {
      minutes: 3,
      bars: 210,
      ticks: 12_600,
      p50: 1400,
      p99: 5200,
      is_fresh: true,
      newest: 1,
      running: 600,
    }
    const findings = await checkRates(
      { query: async () => ({ rows: [row] }) },
      { symbols: 70, target: latencyTarget(stage, undefined), market: 'open' },
    )
    const of = (name: string) => findings.find(({ check }) => check === `bar latency ${name}`)
    expect(of('p50')).toMatchObject({ expected: half, found: '1400.0 ms', verdict: p50 })
    expect(of('p99')).toMatchObject({ expected: most, found: '5200.0 ms', verdict: p99 })
  })

  it.each([
    ['closed', 'none-yet', /the market is closed/],
    ['open', 'failed', /does the feed run/],
  ] as const)('are not asked for while the market is closed: %s', async (market, verdict, found) => {
    const none = {
      minutes: 0,
      bars: 0,
      ticks: 0,
      p50: null,
      p99: null,
      is_fresh: false,
      newest: null,
      running: null,
    }
    const findings = await checkRates(
      { query: async () => ({ rows: [none] }) },
      { symbols: 70, target: latencyTarget('prod', undefined), market },
    )
    expect(findings[0]).toMatchObject({ verdict, found: expect.stringMatching(found) })
  })
})
