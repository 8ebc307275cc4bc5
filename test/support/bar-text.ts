import * as z from 'zod'

const text = z.string()

/** A bar, every value as its text. */
export const barTextSchema = z.object({
  symbol: text,
  timestamp: text,
  open: text,
  high: text,
  low: text,
  close: text,
  volume: text,
  vwap: text.nullable(),
  trade_count: text,
})
