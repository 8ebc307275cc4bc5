import type { Sides } from '../side.ts'
import type { Trades } from '../trade.ts'
import type { OtherBar } from './other-bar.ts'

/** Trades of one symbol in the order of their time. */
export type SidedTrades = { readonly trades: Trades; readonly sides: Sides }

/** How far trades belong to the open bar. */
export type Cut = {
  /** The place after the last of them. */
  readonly to: number
  /** Whether the bar closes there, rather than that the trades end. */
  readonly isClosing: boolean
}

/** Says where bars close. What it needs to know of trades before, it keeps. */
export type Rule = {
  /** Unix seconds of the label of the open bar; undefined where its first trade labels it. */
  readonly label?: number | undefined
  /** Goes on from a place of the columns. */
  cut(given: SidedTrades, from: number): Cut
  /** Whether the open bar is over once no trade before a time (Unix seconds) is to come. @default trades alone close it */
  isOver?(seconds: number): boolean
  /** Begins the next bar. */
  restart(): void
  /** The bars that a folded one is given as. @default itself */
  shaped?(bar: OtherBar): readonly OtherBar[]
}
