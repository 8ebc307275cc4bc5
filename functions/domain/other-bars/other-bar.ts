/** A bar of any kind, numbers as exact text. */
export type OtherBar = {
  /** Unix time of its label: the start of its time, or its first trade. */
  readonly seconds: number
  readonly nanos: number
  /** Unix time of its last trade. */
  readonly lastSeconds: number
  readonly lastNanos: number
  readonly open: string
  readonly high: string
  readonly low: string
  readonly close: string
  readonly volume: string
  /** Σ(price·volume). */
  readonly notional: string
  /** Null when no volume was traded. */
  readonly vwap: string | null
  readonly tradeCount: number
  /** Volume of its trades of each side; both null where the side of none is known. */
  readonly buyVolume: string | null
  readonly sellVolume: string | null
  /** False for the last one, which more trades might have gone on with. */
  readonly isClosed: boolean
}

/** Why bars cannot be made of trades. */
export class OtherBarsError extends Error {
  override readonly name = 'OtherBarsError'
}
