import { holds, type Screened, type ScreenedBars, valueIn } from '../../domain/screen/evaluate-screen.ts'
import type { Test, Value } from '../../domain/screen/expression.ts'
import type { ReadLimit } from '../bars/read-bars.ts'
import type { Sources } from '../endpoint.ts'
import { TooSlowError } from '../http/problem.ts'
import type { Direction } from '../page/read-plan.ts'
import type { ScreenedRow } from './select-screened.ts'

/** What is looked for. */
type Screen = {
  readonly where: Test
  /** By symbol when undefined. */
  readonly order: Value | undefined
  readonly direction: Direction
  readonly limit: number
  readonly symbols: readonly string[]
  /** Names of what is read of a bar: its own values, then indicators. */
  readonly names: readonly string[]
  readonly bars: BarSource
}

/** Where the newest bars of symbols come from, newest first: two, where a screen looks back. */
export type BarSource = {
  /** Symbols that are read together. */
  readonly atOnce: number
  readonly read: (symbols: readonly string[], limit: ReadLimit) => Promise<readonly ScreenedRow[]>
}

/** A symbol for whose newest bar the screen holds. */
export type Match = {
  readonly symbol: string
  /** Unix seconds. */
  readonly time: number
  /** Exact decimals by name. */
  readonly values: ReadonlyMap<string, string>
  readonly patterns: readonly string[]
  /** What it is ordered by. */
  readonly rank: number | undefined
}

/** Screening ends with an error after so long. */
const MOST_MS = 10_000

/** Screens the newest bars of symbols; the matches in order, and how many symbols were looked at. */
export async function readScreen(
  { now }: Pick<Sources, 'now'>,
  screen: Screen,
): Promise<{ readonly matches: readonly Match[]; readonly found: number; readonly screened: number }> {
  const until = now() + MOST_MS
  const { symbols, bars } = screen
  const matches: Match[] = []
  for (let at = 0; at < symbols.length; at += bars.atOnce) {
    const tooSlow = `The bars of ${at} of ${symbols.length} symbols took more than ${MOST_MS / 1000} s to read: ask for fewer symbols.`
    if (now() >= until) throw new TooSlowError(tooSlow)
    const rows = await bars.read(symbols.slice(at, at + bars.atOnce), { until, tooSlow })
    for (const [newest, before] of Map.groupBy(rows, ({ symbol }) => symbol).values()) {
      const match = newest && matchOf(screen, newest, before)
      if (match !== undefined) matches.push(match)
    }
  }
  const ordered = matches.toSorted(compareBy(screen))
  return { matches: ordered.slice(0, screen.limit), found: matches.length, screened: symbols.length }
}

function matchOf(screen: Screen, row: ScreenedRow, before: ScreenedRow | undefined): Match | undefined {
  const values = valuesOf(row, screen)
  const bars: ScreenedBars = {
    newest: screenedOf(values, row),
    before: before && screenedOf(valuesOf(before, screen), before),
  }
  if (holds(screen.where, bars) !== true) return undefined
  const rank = screen.order && valueIn(screen.order, bars.newest)
  return { symbol: row.symbol, time: row.time, values, patterns: row.patterns, rank }
}

function valuesOf({ own, computed }: ScreenedRow, { names }: Screen): ReadonlyMap<string, string> {
  // Of a bar without indicators there are none, and its own are all.
  const found = [...own, ...computed]
  return new Map(
    names.flatMap((name, place) => {
      const value = found[place]
      return value === null || value === undefined ? [] : [[name, value] as const]
    }),
  )
}

function screenedOf(values: ReadonlyMap<string, string>, { patterns }: ScreenedRow): Screened {
  return {
    valueOf: (name) => {
      const text = values.get(name)
      return text === undefined ? undefined : Number(text)
    },
    hasPattern: (name) => patterns.includes(name),
  }
}

/** Those without a rank come last, in either order. */
function compareBy({ direction }: Screen): (a: Match, b: Match) => number {
  const sign = direction === 'asc' ? 1 : -1
  return (a, b) => {
    if (a.rank === b.rank) return a.symbol < b.symbol ? -1 : 1
    if (a.rank === undefined || b.rank === undefined) return a.rank === undefined ? 1 : -1
    return sign * (a.rank - b.rank)
  }
}
