import { createApp } from '../../functions/api/app.ts'
import type { Sources } from '../../functions/api/endpoint.ts'
import { serveEvents } from '../../functions/api/http/api-gateway.ts'
import { parseTradingHours } from '../../functions/shared/runtime/trading-hours.ts'

/** The API as its function has it, over a database. */
export function serveApp(sources: Pick<Sources, 'database' | 'databaseNow'>): ReturnType<typeof serveEvents> {
  return serveEvents(
    createApp({
      ...sources,
      indicators: ['rsi_14', 'sma_50'],
      analysis: { indicators: 'rsi(14) sma(50)', patterns: '', vwapAnchor: 'UTC 00:00' },
      tradingHours: parseTradingHours('off'),
      corsOrigins: [],
      now: Date.now,
      logError: (message, error) => process.stderr.write(`${message}: ${String(error)}\n`),
      measure: () => {},
    }),
  )
}
