import type { Direction, Place, Span } from '../page/read-plan.ts'
import type { Adjusting } from '../adjustment/adjusting.ts'
import type { BarRow } from './bar-row.ts'
import type { BarKind } from './select-bars.ts'
import type { BarCut, Session } from './timeframes.ts'

/** Which bars, and where to begin. */
export type PageQuery = Omit<BarKind, 'session' | 'adjustment'> &
  Span & {
    /** Hours of the market of a symbol; the same object for all symbols of a market. All hours when undefined. */
    readonly sessionOf?: ((symbol: string) => Session) | undefined
    /** @default bars as they were traded */
    readonly adjusting?: Adjusting | undefined
    readonly symbols: readonly string[]
    readonly direction: Direction
    readonly limit: number
    /** Where the page before ended. */
    readonly after: FillPlace | undefined
  }

/** A place, and, where gaps are filled, a span of its symbol that has no bar. */
export type FillPlace = Place & { readonly clear?: Span | undefined }

export type Page = {
  /** One more than the limit, when there are more. */
  readonly rows: readonly BarRow[]
  /** The last place that was looked at, when time ran out; undefined when there is no more, or more than the limit. */
  readonly reached: Place | undefined
}

/** The place behind a bar. */
export function placeBehind({ symbol, time }: BarRow): FillPlace {
  return { symbol, time: time * 1000 }
}

/** How bars of a symbol are cut. */
export function cutFor({ timeframe, zone, sessionOf }: PageQuery, symbol: string): BarCut {
  return { timeframe, zone, session: sessionOf?.(symbol) }
}

/** How bars of a symbol are computed. */
export async function kindFor(query: PageQuery, symbol: string): Promise<BarKind> {
  const { asof, adjusting } = query
  return { ...cutFor(query, symbol), asof, adjustment: await adjusting?.adjustmentOf(symbol) }
}

/** Symbols whose bars are computed alike have the same. */
export function groupIn({ sessionOf, adjusting }: PageQuery, symbol: string): unknown {
  return adjusting?.hasActions(symbol) === true ? symbol : sessionOf?.(symbol)
}
