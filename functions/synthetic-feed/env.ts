import * as z from 'zod'

/** The synthetic feed's environment; set by `lib/synthetic-feed.ts`. */
export const syntheticFeedEnvironment = z.object({
  /** Name of the stream `ticks`. */
  TICKS_STREAM: z.string().min(1),
  /** How many symbols trade. */
  SYMBOLS: z
    .string()
    .regex(/^[1-9]\d{0,4}$/, 'expected a whole number from 1 to 10000')
    .transform(Number),
})

export type SyntheticFeedEnvironment = z.input<typeof syntheticFeedEnvironment>
