import { z } from '@hono/zod-openapi'

import { ADJUSTMENT_NAMES } from '../../../domain/adjustment.ts'
import { barParameters } from '../../bars/bar-parameters.ts'
import { barValues } from '../../bars/bar-view.ts'
import type { BarRow } from '../../bars/bar-row.ts'
import { NUMBER_FORMATS } from '../../http/numbers.ts'
import { countParameter } from '../../http/parameters.ts'
import { endpointsOf, type Vendor } from '../compatible.ts'
import { alpacaCode } from './alpaca-code.ts'

/** Alpaca's way to answer; https://docs.alpaca.markets/reference/stockbars */
export const ALPACA: Vendor = {
  ignored: [],
  errorOf: ({ status, message }) => ({ code: alpacaCode(status), message }),
  renamed: (parameter) => parameter,
}

/** An endpoint of Alpaca's market data API. */
export const alpacaEndpoint = endpointsOf(ALPACA)

/** Parameters that choose among Alpaca's data and have no meaning here. */
export const ofAlpacaOnly = { feed: z.string().optional(), currency: z.string().optional() }

const { sort, page_token } = barParameters

const ASOF_ALLOWED =
  'a day such as 2025-11-10, or -: Alpaca means the day whose companies symbols stand for, and symbols are not renamed here; for bars as they were known at a time, use /v1/bars'

const ADJUSTMENT_ALLOWED =
  'raw, split, dividend, all or split,dividend: no spin-offs are known here, and all means splits and dividends'

/** What Alpaca's stock data has beside `ofAlpacaOnly`. */
export const ofStocks = {
  ...ofAlpacaOnly,
  adjustment: z
    .enum([...ADJUSTMENT_NAMES, 'split,dividend', 'dividend,split'], ADJUSTMENT_ALLOWED)
    .transform((name) => (name.includes(',') ? 'all' : z.enum(ADJUSTMENT_NAMES).parse(name)))
    .default('raw'),
  asof: z
    .string()
    .regex(/^(\d{4}-\d\d-\d\d|-)$/, ASOF_ALLOWED)
    .optional(),
}

/** Which bars, by the names that Alpaca has in common with this API. */
export const ofBars = {
  timeframe: barParameters.timeframe,
  start: barParameters.start,
  end: barParameters.end,
  sort,
  limit: countParameter,
  page_token,
}

/** A bar as Alpaca has it; clients want `vw` even where there is none. */
export function alpacaBar(row: BarRow) {
  return barValues(row, NUMBER_FORMATS.number)
}
