import * as z from 'zod'

/** How far a task of signals is that goes on in another call; the symbols before this one are done. */
export const signalPlaceSchema = z.strictObject({
  symbol: z.string(),
  /** Bars before it were taken; Unix seconds. */
  next: z.int(),
  /** The last of them; Unix seconds. */
  last: z.int().nullable(),
  /** The indicators after it. */
  indicators: z.string(),
  /** Their state, as the table `indicator-state` has it. */
  state: z.base64(),
})
export type SignalPlace = z.output<typeof signalPlaceSchema>
