import type { Client } from 'pg'

import { type Finding, finding } from './finding.ts'
import { type LiveBars, readLiveBars } from './live-bars.ts'

/** The target of the original project. */
const LATENCY_MS = 100
const LATENCY = `under ${LATENCY_MS} ms`

type Live = Extract<LiveBars, { type: 'live' }>

/** Rates and latency of the last live minutes against the targets. */
export async function checkRates(
  client: Pick<Client, 'query'>,
  { symbols }: { readonly symbols: number },
): Promise<Finding[]> {
  const live = await readLiveBars(client)
  return live.type === 'live' ? measured(live, symbols) : unmeasured(live, symbols)
}

const NAMES = {
  ticks: 'ticks per second, in live bars',
  bars: 'bars per minute, live',
  p50: 'bar latency p50',
  p99: 'bar latency p99',
} as const

function measured({ minutes, bars, ticks, p50, p99 }: Live, symbols: number): Finding[] {
  const perMinute = bars / minutes
  const latency = (check: string, milliseconds: number): Finding =>
    finding(check, LATENCY, { found: `${milliseconds.toFixed(1)} ms`, holds: milliseconds < LATENCY_MS })
  return [
    finding(NAMES.ticks, 'above 0', {
      found: `${(ticks / minutes / 60).toFixed(1)}, in ${minutes} minutes`,
      holds: ticks > 0,
    }),
    finding(NAMES.bars, `about ${symbols}`, {
      found: perMinute.toFixed(1),
      holds: perMinute >= symbols * 0.9 && perMinute <= symbols * 1.1,
    }),
    latency(NAMES.p50, p50),
    latency(NAMES.p99, p99),
  ]
}

/** A deployment that has just started is not judged yet; one that brings no live bar fails its rates. */
function unmeasured(live: Exclude<LiveBars, Live>, symbols: number): Finding[] {
  const found = whyNone(live)
  const verdict = live.type === 'starting' ? 'none-yet' : 'failed'
  return [
    { check: NAMES.ticks, expected: 'above 0', found, verdict },
    { check: NAMES.bars, expected: `about ${symbols}`, found, verdict },
    { check: NAMES.p50, expected: LATENCY, found, verdict: 'none-yet' },
    { check: NAMES.p99, expected: LATENCY, found, verdict: 'none-yet' },
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
