import { greatest, least, plus } from '../values/decimal-text.ts'
import type { Bar } from './bar.ts'

const MINUTE = 60
/** Minutes whose bars have not arrived: a bar closes seconds after its minute. */
const MOST_OPEN = 5

/** What the WebSocket sends of a symbol's trades within a batch. */
export type TickRecord = {
  readonly symbol: string
  readonly open: string
  readonly high: string
  readonly low: string
  readonly close: string
  readonly volume: string
  readonly trades: number
  /** Unix seconds of the last trade, with decimals. */
  readonly time: number
}

/** A minute whose bar has not arrived, as far as its trades have. */
export type FormingMinute = {
  /** Unix seconds. */
  readonly minute: number
  readonly open: string
  readonly high: string
  readonly low: string
  readonly close: string
  readonly volume: string
  readonly trades: number
  /** Unix seconds from which on all trades are in it; its start where none is missing. */
  readonly since: number
  /** Unix seconds of the last trade. */
  readonly through: number
}

/** The candles of one symbol that have not closed. */
export type Forming = {
  /** Oldest first. */
  readonly minutes: readonly FormingMinute[]
  /** Unix seconds of the newest minute whose bar has arrived: later trades of it come as a correction. */
  readonly closed: number
  /** Unix seconds since which every batch has arrived. */
  readonly since: number
}

/** Begins to follow a symbol. */
export function startForming(since: number, closed = 0): Forming {
  return { minutes: [], closed, since }
}

/** Adds the trades of a batch. */
export function withTicks(forming: Forming, tick: TickRecord): Forming {
  const minute = tick.time - (tick.time % MINUTE)
  if (minute <= forming.closed) return forming
  const known = forming.minutes.find((one) => one.minute === minute)
  if (known !== undefined)
    return {
      ...forming,
      minutes: forming.minutes.map((one) => (one === known ? extended(known, tick) : one)),
    }
  const { open, high, low, close, volume, trades, time: through } = tick
  const since = Math.max(minute, forming.since)
  const added = { minute, open, high, low, close, volume, trades, since, through }
  const minutes = [...forming.minutes, added].toSorted((a, b) => a.minute - b.minute)
  return { ...forming, minutes: minutes.slice(-MOST_OPEN) }
}

/** Leaves out the minutes up to one whose bar has arrived. */
export function withClosedBar(forming: Forming, minute: number): Forming {
  if (minute <= forming.closed) return forming
  return { ...forming, closed: minute, minutes: forming.minutes.filter((one) => one.minute > minute) }
}

/** Notes that batches were missed: what is open now lacks trades. */
export function withGap(forming: Forming, { until }: { readonly until: number }): Forming {
  return {
    ...forming,
    since: until,
    minutes: forming.minutes.map((one) => ({ ...one, since: Math.max(one.since, until) })),
  }
}

/** Whether trades of the minute may be missing, because the page has not followed it from its start. */
export function isPartial({ minute, since }: FormingMinute): boolean {
  return since > minute
}

/** The minute as a bar, for a chart; its notional is not known. */
export function formingBar({ minute, open, high, low, close, volume, trades }: FormingMinute): Bar {
  const prices = { open, high, low, close, volume }
  return { time: minute, ...prices, trades, vwap: null, notional: null, revision: 0, complete: false }
}

function extended(known: FormingMinute, tick: TickRecord): FormingMinute {
  const isNewer = tick.time >= known.through
  return {
    ...known,
    high: greatest(known.high, tick.high),
    low: least(known.low, tick.low),
    close: isNewer ? tick.close : known.close,
    volume: plus(known.volume, tick.volume),
    trades: known.trades + tick.trades,
    through: Math.max(known.through, tick.time),
  }
}
