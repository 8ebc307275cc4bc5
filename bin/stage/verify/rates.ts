import type { Queryable } from '../../../functions/shared/postgres/database.ts'
import { LATENCY_MS } from '../../../lib/latency-target.ts'
import { type Finding, finding } from './finding.ts'
import { type LiveBars, readLiveBars } from './live-bars.ts'

/** Below which a share of the bars must be, in milliseconds. */
type LatencyTarget = { readonly p50: number; readonly p99: number }

/**
 * Targets by place. On one machine that of the original project. On AWS a trade and its bar each wait for a read of their
 * stream, once a second and, with `economy`, a batch of 5 s; the slowest bars are those of quiet symbols, which the sweeper
 * closes: their target is the threshold of the alarm `bar-latency`.
 */
export function latencyTarget(stage: string, latency: string | undefined): LatencyTarget {
  if (stage === 'local') return { p50: 100, p99: 100 }
  if (latency === 'lowest') return { p50: 500, p99: LATENCY_MS.lowest }
  if (latency === 'economy') return { p50: 12_000, p99: LATENCY_MS.economy }
  return { p50: 2000, p99: LATENCY_MS.low }
}

function under(milliseconds: number): string {
  return milliseconds < 1000 ? `under ${milliseconds} ms` : `under ${milliseconds / 1000} s`
}

type Live = Extract<LiveBars, { type: 'live' }>

/** Rates and latency of the last live minutes against the targets. */
export async function checkRates(
  client: Queryable,
  options: { readonly symbols: number; readonly target: LatencyTarget; readonly market: 'open' | 'closed' },
): Promise<Finding[]> {
  const live = await readLiveBars(client)
  return live.type === 'live' ? measured(live, options.symbols, options.target) : unmeasured(live, options)
}

const NAMES = {
  ticks: 'ticks per second, in live bars',
  bars: 'bars per minute, live',
  p50: 'bar latency p50',
  p99: 'bar latency p99',
} as const

function measured(
  { minutes, bars, ticks, p50, p99 }: Live,
  symbols: number,
  target: LatencyTarget,
): Finding[] {
  const perMinute = bars / minutes
  const latency = (name: keyof LatencyTarget, milliseconds: number): Finding =>
    finding(NAMES[name], under(target[name]), {
      found: `${milliseconds.toFixed(1)} ms`,
      holds: milliseconds < target[name],
    })
  return [
    finding(NAMES.ticks, 'above 0', {
      found: `${(ticks / minutes / 60).toFixed(1)}, in ${minutes} minutes`,
      holds: ticks > 0,
    }),
    finding(NAMES.bars, `about ${symbols}`, {
      found: perMinute.toFixed(1),
      holds: perMinute >= symbols * 0.9 && perMinute <= symbols * 1.1,
    }),
    latency('p50', p50),
    latency('p99', p99),
  ]
}

/** A deployment that has just started, or whose market is closed, is not judged yet; else one without live bars fails its rates. */
function unmeasured(
  live: Exclude<LiveBars, Live>,
  {
    symbols,
    target,
    market,
  }: { readonly symbols: number; readonly target: LatencyTarget; readonly market: 'open' | 'closed' },
): Finding[] {
  const isClosed = market === 'closed' && live.type === 'down'
  const found = isClosed ? 'no live bar: the market is closed, by tradingHours' : whyNone(live)
  const verdict = isClosed || live.type === 'starting' ? 'none-yet' : 'failed'
  return [
    { check: NAMES.ticks, expected: 'above 0', found, verdict },
    { check: NAMES.bars, expected: `about ${symbols}`, found, verdict },
    { check: NAMES.p50, expected: under(target.p50), found, verdict: 'none-yet' },
    { check: NAMES.p99, expected: under(target.p99), found, verdict: 'none-yet' },
  ]
}

function whyNone(live: Exclude<LiveBars, Live>): string {
  if (live.type === 'starting')
    return `no whole live minute yet, ${span(live.seconds)} after the start: ask again 3 min after it`
  if (live.type === 'never-live')
    return `no live bar, while bars have come for ${span(live.seconds)}: is the clock of the feed right?`
  return live.seconds === undefined
    ? 'no bar of the last 20 min: does the feed run?'
    : `no live bar, and the newest was closed ${span(live.seconds)} ago: does the feed run?`
}

function span(seconds: number): string {
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`
}
