import { z } from '@hono/zod-openapi'

import { timeSchema } from '../bars/bar-view.ts'
import { timeText } from '../http/time-text.ts'
import { endpoint, type Sources } from '../endpoint.ts'
import { allSymbols } from '../market/all-symbols.ts'
import { hoursOf, isAnyOpen, isOff, isOpen, type TradingHours } from '../../shared/runtime/trading-hours.ts'
import { type Activity, LOOK_BACK_MINUTES, recentActivity } from './activity.ts'
import { newestBar } from './newest-bar.ts'

/** A minute's bar comes about 3 s after its end, so the newest bar began at most 65 s ago: this is two bars missing. */
const LATE_AFTER_SECONDS = 180

/** One symbol may stop; of several, one in so many. */
const SILENT_SHARE = 10

/** Chance up to which silent symbols that lie together are no coincidence. */
const COINCIDENCE = 0.001

/** Whether there are bars, and new ones arrive. */
export const health = endpoint({
  path: '/v1/health',
  summary: 'Health',
  description: `200 and "healthy" while new bars come. 503 and "unhealthy" when there are none, when the newest began more than ${LATE_AFTER_SECONDS} s ago, or when more than one and more than a tenth of the active symbols have none that is newer, or fewer that lie so close in the order of the stream's hash keys that it is a shard which makes no headway; active are symbols with a bar in at least every second minute of the ${LOOK_BACK_MINUTES} before. 200 and "closed" instead of "unhealthy" outside the configured trading hours.`,
  parameters: z.object({}),
  answer: z
    .object({
      status: z.enum(['healthy', 'unhealthy', 'closed']),
      reason: z.string().nullable().openapi({ description: 'Why it is not healthy' }),
      newest_bar: timeSchema.nullable(),
      age_seconds: z
        .int()
        .nullable()
        .openapi({ description: 'Since the start of the newest bar that is not of the future' }),
      active_symbols: z.int(),
      silent_symbols: z.int().openapi({ description: 'Active ones whose newest bar is late' }),
    })
    .openapi('Health'),
  lists: 'nothing',
  read: async (_parameters, { database, now, tradingHours }) => {
    const time = now()
    const newest = await newestBar(database, time)
    const symbols = await expectedSymbols(database, tradingHours, time)
    const activity = await recentActivity(database, time, {
      silentAfterMs: LATE_AFTER_SECONDS * 1000,
      symbols,
    })
    const age = newest === undefined ? null : Math.floor((time - newest) / 1000)
    const reason = reasonOf(age, activity)
    const status = statusOf(reason, isClosed(tradingHours, time))
    return {
      status: status === 'unhealthy' ? 503 : 200,
      json: () => ({
        status,
        reason,
        newest_bar: newest === undefined ? null : timeText(newest / 1000),
        age_seconds: age,
        active_symbols: activity.active,
        silent_symbols: activity.silent,
      }),
      lifetime: 'live',
    }
  },
})

function reasonOf(age: number | null, activity: Activity): string | null {
  const { active, silent, neighbours } = activity
  if (age === null) return 'there are no bars'
  if (age > LATE_AFTER_SECONDS)
    return `the newest bar began ${age} s ago; up to ${LATE_AFTER_SECONDS} s is healthy`
  if (silent > 1 && silent * SILENT_SHARE > active)
    return `${silent} of ${active} active symbols have no bar that began in the last ${LATE_AFTER_SECONDS} s; one, or a tenth, is healthy`
  if (isShard(activity))
    return `${neighbours} symbols whose hash keys follow each other have no bar that began in the last ${LATE_AFTER_SECONDS} s, and ${active - silent} of ${active} active symbols have: a shard of the stream ticks or bars makes no headway`
  return null
}

/** Whether so many silent symbols side by side are hardly found where any symbol may be silent. */
function isShard({ active, silent, neighbours }: Activity): boolean {
  return neighbours > 1 && active * (silent / active) ** neighbours < COINCIDENCE
}

function statusOf(reason: string | null, closed: boolean): 'healthy' | 'unhealthy' | 'closed' {
  if (reason === null) return 'healthy'
  return closed ? 'closed' : 'unhealthy'
}

/** Outside the trading hours, and while the first bars after the open cannot exist yet. */
function isClosed(hours: TradingHours, time: number): boolean {
  return !isOff(hours) && !(isAnyOpen(hours, time) && isAnyOpen(hours, time - LATE_AFTER_SECONDS * 1000))
}

/** Symbols whose market is open, where symbols differ in their hours; undefined for all. */
async function expectedSymbols(
  database: Sources['database'],
  tradingHours: TradingHours,
  time: number,
): Promise<readonly string[] | undefined> {
  if (tradingHours.groups.length < 2) return undefined
  const symbols = await allSymbols(database)
  return symbols.filter((symbol) => {
    const hours = hoursOf(tradingHours, symbol)
    return isOpen(hours, time) && isOpen(hours, time - LATE_AFTER_SECONDS * 1000)
  })
}
