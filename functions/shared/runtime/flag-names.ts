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

/** What each flag turns off, in a line; docs/operate.md says more. */
export const FLAG_ABOUT: Readonly<Record<FlagName, string>> = {
  aggregation: 'Trades become bars. Off: they wait on the stream.',
  'late-corrections': 'A late trade corrects its bar. Off: it is dead-lettered.',
  archive: 'Trades are written to the archive. Off: they wait on the stream for it.',
  analytics: 'Bars get indicators and patterns. Off: they wait on the stream for them.',
  'live-ticks': 'Prices of the forming bar are sent to WebSocket clients. Off: they are dropped.',
  broadcast: 'Records are sent to WebSocket clients. Off: they wait on the streams.',
}
