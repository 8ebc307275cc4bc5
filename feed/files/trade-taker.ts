import type { TradeTable } from './read-trades.ts'
import type { TradeRow } from './row-reader.ts'
import type { TickLine } from '../tick.ts'

/** The id of a plain trade that has none. */
export const NO_PLAIN_ID = -1

/** Takes the rows of files in their order: plain trades as numbers, and any other row as it is. */
export type TradeTaker = {
  /** @param line that the ids of plain trades count on */
  begin(table: TradeTable, line: TickLine | undefined): void
  /** The number of a symbol for `add`; undefined where its trades are to be given as rows. */
  symbol(name: string): number | undefined
  /**
   * A trade of a positive price, each number below 2⁵²: `price · 10^-priceScale`, `volume · 10^-volumeScale` at Unix
   * `seconds + nanos · 10⁻⁹`.
   */
  add(
    symbol: number,
    seconds: number,
    nanos: number,
    price: number,
    priceScale: number,
    volume: number,
    volumeScale: number,
    id: number,
  ): void
  row(row: TradeRow): void
}
