import { z } from '@hono/zod-openapi'

import { ADJUSTMENT_NAMES } from '../../domain/adjustment.ts'

const ALLOWED = 'raw, split, dividend or all'

/** How bars are adjusted. */
export const adjustmentParameter = z.enum(ADJUSTMENT_NAMES, ALLOWED).default('raw').openapi({
  description:
    'Bars as they were traded (raw), or adjusted by the splits, the cash dividends, or both (all) that were imported and whose ex-date has come: by asof, or else now. Prices are exact to 18 decimals',
})
