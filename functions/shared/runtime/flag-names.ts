import * as z from 'zod'

/** What can be turned off without a deployment; docs/operate.md describes the effect of each. */
export const FLAG_NAMES = [
  'aggregation',
  'late-corrections',
  'archive',
  'analytics',
  'broadcast',
  'live-ticks',
] as const

export type FlagName = (typeof FLAG_NAMES)[number]

/** What a flag can be set to. */
export const flagSchema = z.enum(['on', 'off'])

export type Flag = z.infer<typeof flagSchema>
