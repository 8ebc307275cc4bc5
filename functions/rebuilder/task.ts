import * as z from 'zod'

import { isSymbol } from '../domain/trade.ts'
import { signalPlaceSchema } from './signal-place.ts'

/** A task has at most so many symbols and seconds: what a call may take, and hold in memory. */
export const MAX_SYMBOLS = 100
export const MAX_SECONDS = 86_400

/** Unix seconds of the start of a minute; ISO 8601 in UTC on the way. */
export const taskMinute = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:00Z$/, 'send a UTC minute such as "2025-11-10T17:24:00Z"')
  .refine((text) => !Number.isNaN(Date.parse(text)), 'no such date or time')
  .transform((text) => Date.parse(text) / 1000)

/** Up to so many symbols of a task. */
export function symbolsOf(most: number) {
  return z
    .array(z.string().refine(isSymbol, 'not a symbol'))
    .min(1, 'name a symbol')
    .max(most, `name at most ${most} symbols`)
}

/** What the rebuilder is called with: `{"symbols":["AAPL"],"from":"2025-11-10T14:00:00Z","to":"2025-11-10T15:00:00Z"}`. */
export const taskSchema = z
  .strictObject({
    symbols: symbolsOf(MAX_SYMBOLS),
    from: taskMinute,
    /** Not in the span any more. */
    to: taskMinute,
    /** `all` replaces bars that have more trades than the archive, too. */
    replaces: z.enum(['more', 'all']).default('more'),
  })
  .refine(({ from, to }) => from < to && to - from <= MAX_SECONDS, {
    path: ['to'],
    error: `must be after from, by ${MAX_SECONDS / 3600} hours at the most`,
  })

export type TaskEvent = z.input<typeof taskSchema>

/** Symbols of a task of signals, each of which may have years of minutes. */
export const MAX_SIGNAL_SYMBOLS = 10

/** What comes after the bars of a rebuild: `{"type":"signals","symbols":["AAPL"],"from":"2025-11-10T14:00:00Z"}`. */
export const signalTaskSchema = z.strictObject({
  type: z.literal('signals'),
  symbols: symbolsOf(MAX_SIGNAL_SYMBOLS),
  from: taskMinute,
  /** Where the call before ended. */
  place: signalPlaceSchema.optional(),
})

export type SignalTaskEvent = z.input<typeof signalTaskSchema>

const typeSchema = z.object({ type: z.enum(['signals', 'export', 'import-bars', 'newest-bars']) })

/** What the function is called for; it is bars where the event does not say. */
export function taskTypeOf(event: unknown): 'bars' | z.output<typeof typeSchema>['type'] {
  return typeSchema.safeParse(event).data?.type ?? 'bars'
}
