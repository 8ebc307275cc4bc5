import { Client } from 'pg'
import * as z from 'zod'

import { count, type Screen } from '../terminal/screen.ts'
import type { FigureReader } from './figures.ts'

/** A row of the table of bars; every number as its text. */
export type ClosedBar = {
  readonly symbol: string
  /** Start of the minute. */
  readonly timestamp: Date
  readonly open: string
  readonly high: string
  readonly low: string
  readonly close: string
  readonly volume: string
  readonly revision: number
}

const rowsSchema = z.array(
  z.object({
    symbol: z.string(),
    timestamp: z.date(),
    open: z.string(),
    high: z.string(),
    low: z.string(),
    close: z.string(),
    volume: z.string(),
    revision: z.int(),
    writtenAt: z.string(),
  }),
)

/** Bars of these minutes only: no index leads to what was written last. */
const ROWS = `
  SELECT symbol, timestamp, trim_scale(open)::text AS open, trim_scale(high)::text AS high,
    trim_scale(low)::text AS low, trim_scale(close)::text AS close, trim_scale(volume)::text AS volume, revision,
    written_at::text AS "writtenAt"
  FROM ohlcv_1min WHERE timestamp > now() - interval '10 minutes' AND written_at > $1::timestamptz AND NOT withdrawn
  ORDER BY written_at`

const SYMBOLS = 'SELECT count(*)::int AS symbols FROM symbols'
const symbolsSchema = z.object({ symbols: z.int() })

const LOOK_EVERY_MS = 1000
/** How long bars that still arrive are waited for, so that those of a minute are one line. */
const LONGEST_WAIT_MS = 5000
/** Bars on a line where no terminal limits its width. */
const MOST_SHOWN = 3

/**
 * Prints a line whenever bars were written, one for all that arrived together, and counts the symbols; the returned
 * function ends that.
 *
 * @param figures tell how many rows were written: the database is queried only when that has changed
 */
export function printClosedBars(
  url: string,
  {
    screen,
    figures,
  }: { readonly screen: Screen; readonly figures: Pick<FigureReader, 'get' | 'noteSymbols'> },
): () => void {
  const client = new Client(url)
  // Whether the database ends is watched elsewhere.
  client.on('error', () => undefined)
  const connecting = client.connect()
  const countSymbols = async (): Promise<void> => {
    await connecting
    figures.noteSymbols(symbolsSchema.parse((await client.query(SYMBOLS)).rows[0]).symbols)
  }
  countSymbols().catch(() => undefined)
  let since = '-infinity'
  let seen = 0
  let last = -1
  let waitedMs = 0
  const look = async (): Promise<void> => {
    await connecting
    const rows = rowsSchema.parse((await client.query(ROWS, [since])).rows)
    since = rows.at(-1)?.writtenAt ?? since
    const line = closedBarsLine(rows, screen.width)
    if (line !== undefined) screen.print(line)
    await countSymbols()
  }
  const timer = setInterval(() => {
    const now = figures.get().written
    const isArriving = now !== last
    last = now
    if (now === seen || (isArriving && (waitedMs += LOOK_EVERY_MS) < LONGEST_WAIT_MS)) return
    seen = now
    waitedMs = 0
    look().catch(() => undefined)
  }, LOOK_EVERY_MS)
  return () => {
    clearInterval(timer)
    void connecting.then(() => client.end()).catch(() => undefined)
  }
}

/**
 * `17:24Z  70 bars  AAPL O150.25 H150.9 L150.01 C150.47 V1234  ...`: the bars of the newest minute, as many as fit, and how
 * many bars of earlier minutes were revised. Undefined without any.
 */
export function closedBarsLine(bars: readonly ClosedBar[], width: number): string | undefined {
  const newest = Math.max(...bars.map(({ timestamp }) => timestamp.getTime()))
  const ofMinute = bars
    .filter(({ timestamp }) => timestamp.getTime() === newest)
    .toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1))
  if (ofMinute.length === 0) return undefined
  const revised = bars.filter(
    ({ timestamp, revision }) => timestamp.getTime() < newest && revision > 1,
  ).length
  const counted = ofMinute.length === 1 ? '1 bar' : `${count(ofMinute.length)} bars`
  let line = `${new Date(newest).toISOString().slice(11, 16)}Z  ${counted}`
  if (revised > 0) line += `, ${count(revised)} revised`
  for (const bar of ofMinute.slice(0, MOST_SHOWN)) {
    const next = `${line}  ${textOf(bar)}`
    if (next.length > width) break
    line = next
  }
  return line
}

function textOf({ symbol, open, high, low, close, volume }: ClosedBar): string {
  return `${symbol} O${open} H${high} L${low} C${close} V${volume}`
}
