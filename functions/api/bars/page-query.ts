import type { Direction, Place, Span } from '../page/read-plan.ts'
import type { BarRow } from './bar-row.ts'
import type { BarKind } from './select-bars.ts'
import type { Session } from './timeframes.ts'

/** Which bars, and where to begin. */
export type PageQuery = Omit<BarKind, 'session'> &
  Span & {
    /** Hours of the market of a symbol; the same object for all symbols of a market. All hours when undefined. */
    readonly sessionOf?: ((symbol: string) => Session) | undefined
    readonly symbols: readonly string[]
    readonly direction: Direction
    readonly limit: number
    /** Where the page before ended. */
    readonly after: Place | undefined
  }

export type Page = {
  /** One more than the limit, when there are more. */
  readonly rows: readonly BarRow[]
  /** The last place that was looked at, when time ran out; undefined when there is no more, or more than the limit. */
  readonly reached: Place | undefined
}

/** How bars of a symbol are computed. */
export function cutFor({ timeframe, zone, asof, sessionOf }: PageQuery, symbol: string): BarKind {
  return { timeframe, zone, asof, session: sessionOf?.(symbol) }
}
