import type { Hours } from '../../shared/runtime/trading-hours.ts'
import { DAY_MS } from '../http/times.ts'
import type { Gap } from './select-quality.ts'

const MINUTE_MS = 60_000

/** Minutes from one to before another, Unix milliseconds. */
type Span = { readonly from: number; readonly to: number }

/** Minutes of a day without a bar, by why. */
export type Silence = {
  /** The ids on a side say that no trade lies between. */
  noTrades: number
  /** The bars on both sides lack trades. */
  tradesLost: number
  unknown: number
  /** The longest run of such minutes. */
  longest: { readonly minutes: number; readonly from: number } | undefined
}

/**
 * Why there is no bar between two: a bar is complete when no trade is missing up to the bars beside it. Where one of the
 * two says so, there was no trade.
 */
function causeOf({ after, before, complete_after, complete_before }: Gap): keyof Omit<Silence, 'longest'> {
  if (after === null || before === null) return 'unknown'
  if (complete_after === true || complete_before === true) return 'noTrades'
  return complete_after === false && complete_before === false ? 'tradesLost' : 'unknown'
}

/** A bar that is not there after so long is missing, rather than on its way. */
const LATE_MS = 180_000

/**
 * The spans of a day in which bars are expected, until shortly before now; the whole day where that is not configured.
 *
 * @param now Unix milliseconds
 */
export function expectedSpans(hours: Hours, day: number, now: number): readonly Span[] {
  const end = Math.min(day + DAY_MS, Math.floor((now - LATE_MS) / MINUTE_MS) * MINUTE_MS)
  if (hours.type !== 'hours') return end > day ? [{ from: day, to: end }] : []
  return hours.calendar
    .windowsIn({ from: day / 1000, until: end / 1000 }, 'regular')
    .map(({ from, until }) => ({ from: from * 1000, to: until * 1000 }))
}

export function minutesOf(spans: readonly Span[]): number {
  return spans.reduce((sum, { from, to }) => sum + (to - from) / MINUTE_MS, 0)
}

/**
 * The silence of a symbol in the spans of a day.
 *
 * @param gaps of the symbol
 * @param options.edges whether minutes before its first bar and after its last count
 */
export function silenceOf(
  gaps: readonly Gap[],
  spans: readonly Span[],
  { edges }: { readonly edges: 'count' | 'ignored' },
): Silence {
  const silence: Silence = { noTrades: 0, tradesLost: 0, unknown: 0, longest: undefined }
  for (const gap of gaps) {
    if (edges === 'ignored' && (gap.after === null || gap.before === null)) continue
    const silent = {
      from: gap.after === null ? -Infinity : gap.after + MINUTE_MS,
      to: gap.before ?? Infinity,
    }
    for (const span of spans) {
      const from = Math.max(silent.from, span.from)
      const minutes = (Math.min(silent.to, span.to) - from) / MINUTE_MS
      if (minutes <= 0) continue
      silence[causeOf(gap)] += minutes
      if (minutes > (silence.longest?.minutes ?? 0)) silence.longest = { minutes, from }
    }
  }
  return silence
}
