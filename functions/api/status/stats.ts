import { z } from '@hono/zod-openapi'

import { timeSchema } from '../bars/bar-view.ts'
import { timeText } from '../http/time-text.ts'
import { endpoint } from '../endpoint.ts'
import { newestBar } from './newest-bar.ts'
import { recentLatency, recentMinutes, WINDOW_MINUTES } from './recent.ts'

/** What the pipeline has done in the last minutes. */
export const stats = endpoint({
  path: '/v1/stats',
  summary: 'What the pipeline does',
  description: `Of the last ${WINDOW_MINUTES} minutes: bars and the ticks in them by minute, corrections, the time from what closed a bar to its row (of those that closed live), and how far the newest bar is behind. What is null was not seen. Rejected, late and repeated ticks are counted by the metrics of the aggregator, not here.`,
  parameters: z.object({}),
  answer: z
    .object({
      window_minutes: z.int(),
      bars: z.int(),
      ticks: z.int(),
      corrected_bars: z.int(),
      newest_bar: timeSchema.nullable(),
      lag_seconds: z
        .number()
        .nullable()
        .openapi({ description: 'Since the end of the newest bar; 0 while its minute lasts' }),
      latency_ms: z.object({ p50: z.number(), p99: z.number(), max: z.number() }).nullable().openapi({
        description:
          'From what closed a bar to its row: first revisions, closed within 2 minutes of their end',
      }),
      minutes: z.array(z.object({ t: timeSchema, bars: z.int(), ticks: z.int() })),
    })
    .openapi('Stats'),
  lists: 'nothing',
  read: async (_parameters, { database, now }) => {
    const time = now()
    const newest = await newestBar(database, time)
    const minutes = await recentMinutes(database, time)
    const { p50, p99, max } = await recentLatency(database, time)
    const total = (name: 'bars' | 'ticks' | 'corrected') =>
      minutes.reduce((sum, minute) => sum + minute[name], 0)
    return {
      json: () => ({
        window_minutes: WINDOW_MINUTES,
        bars: total('bars'),
        ticks: total('ticks'),
        corrected_bars: total('corrected'),
        newest_bar: newest === undefined ? null : timeText(newest / 1000),
        lag_seconds: newest === undefined ? null : Math.max(0, time - newest - 60_000) / 1000,
        latency_ms: p50 === null || p99 === null || max === null ? null : { p50, p99, max },
        minutes: minutes.map(({ time: seconds, bars, ticks }) => ({ t: timeText(seconds), bars, ticks })),
      }),
      lifetime: 'live',
    }
  },
})
