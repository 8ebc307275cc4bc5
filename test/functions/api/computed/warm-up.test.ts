import { expect, it } from 'vitest'

import { warmUpOf } from '../../../../functions/api/computed/warm-up.ts'
import { ONE_MINUTE } from '../../../../functions/domain/calendar/timeframe.ts'
import { readAnalysis } from '../../../../functions/shared/runtime/analysis-fields.ts'

it.each(['UTC 00:00', 'XNYS'])(
  'no more is folded before a block than is in it: vwap from %s',
  (vwapAnchor) => {
    const analysis = readAnalysis({ indicators: 'vwap sma(5)', patterns: '', vwapAnchor })
    const { atLeast, block } = warmUpOf(analysis, ONE_MINUTE)
    expect(atLeast).toBeGreaterThan(86_400_000)
    expect(block).toBeGreaterThanOrEqual(atLeast)
  },
)
