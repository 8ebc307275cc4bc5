import type { Decimal } from '../domain/decimal.ts'
import type { TakerSide } from '../domain/side.ts'
import type { RunType } from '../domain/trade.ts'

/** A trade, cancel or correction as it was put on the stream `ticks`: a row of the archive. */
export type ArchivedTrade = {
  readonly symbol: string
  /** Unix time of the trade: `seconds + nanos · 10⁻⁹`. */
  readonly seconds: number
  readonly nanos: number
  readonly type: RunType
  /** Undefined of a cancel that did not say. */
  readonly price: Decimal | undefined
  readonly volume: Decimal | undefined
  /** Of a correction, the trade as it was; undefined where it did not say. */
  readonly wasPrice: Decimal | undefined
  readonly wasVolume: Decimal | undefined
  /** The venue's number of the trade, and the line it counts on; undefined where the record did not say. */
  readonly id: number | undefined
  readonly line: string | undefined
  readonly contiguous: boolean | undefined
  /** JSON, as the feed spells them. */
  readonly conditions: string | undefined
  readonly tape: string | undefined
  /** Who took the liquidity; undefined where the record did not say. No part of what identifies a trade. */
  readonly side: TakerSide | undefined
  /** The producer, and its number of the record. */
  readonly source: string | undefined
  readonly sequence: number | undefined
  /** Where it was put. These three identify a row: what is delivered again, is archived again with the same. */
  readonly shard: string
  readonly sequenceNumber: string
  /** Its place among all that the record says, counted from 0. */
  readonly place: number
  /** Unix milliseconds at which the stream took the record. */
  readonly arrivedAt: number
}
