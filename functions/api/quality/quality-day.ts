import { z } from '@hono/zod-openapi'

import { timeSchema } from '../bars/bar-view.ts'

const minutes = z.int()

/** How good the bars of a symbol and day are. */
export const qualityDaySchema = z
  .object({
    symbol: z.string(),
    day: z.iso.date(),
    bars: minutes.openapi({ description: 'Minutes with a bar' }),
    expected_bars: minutes.nullable().openapi({
      description: 'Minutes of the trading hours, until now; null where tradingHours is off',
    }),
    trades: z.int(),
    incomplete_bars: minutes.openapi({ description: 'Bars that lack a trade of the venue' }),
    unknown_bars: minutes.openapi({
      description: 'Bars whose ids do not tell whether a trade is missing',
    }),
    corrected_bars: minutes.openapi({ description: 'Bars that were changed after they had closed' }),
    corrections: z.int().openapi({ description: 'How often, all together: by late trades or a rebuild' }),
    without_bar: z.object({ no_trades: minutes, trades_lost: minutes, unknown: minutes }).openapi({
      description:
        'Expected minutes without a bar; without tradingHours, those between two bars. no_trades: the ids of the bars beside say that there was none. trades_lost: the bars on both sides lack trades',
    }),
    longest_silence: z
      .object({ minutes, from: timeSchema })
      .nullable()
      .openapi({ description: 'The longest run of minutes without a bar, of those' }),
  })
  .openapi('Quality')

export type QualityDay = z.infer<typeof qualityDaySchema>
