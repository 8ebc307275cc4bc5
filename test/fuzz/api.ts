import { DEFAULT_PATTERNS } from '../../functions/domain/patterns/table.ts'
import { createApp } from '../../functions/api/app.ts'
import { serveEvents } from '../../functions/api/http/api-gateway.ts'
import { proxyEvent } from '../functions/api/harness.ts'
import { ARRIVED } from './corpus.ts'
import { parseTradingHours } from '../../functions/shared/runtime/trading-hours.ts'

/** What a request that is right comes to without a database, and one that is wrong. */
const EXPECTED = new Set([200, 304, 400, 404, 405, 503])

const faults: unknown[] = []

const handle = serveEvents(
  createApp({
    database: {
      query: () => Promise.reject(Object.assign(new Error('there is no database'), { syscall: 'connect' })),
    },
    now: () => ARRIVED,
    databaseNow: async () => ARRIVED,
    indicators: ['rsi_14', 'sma_20'],
    analysis: {
      indicators: 'rsi(14) sma(20)',
      patterns: DEFAULT_PATTERNS,
      vwapAnchor: 'America/New_York 00:00',
    },
    tradingHours: parseTradingHours('off'),
    corsOrigins: ['https://app.example'],
    logError: (_message, error) => faults.push(error),
    measure: () => undefined,
  }),
)

/** Asks the API, which has no database. */
export async function askApi(target: string): Promise<void> {
  faults.length = 0
  const { statusCode, body } = await handle(proxyEvent('GET', target, { accept: 'text/csv' }))
  if (!EXPECTED.has(statusCode))
    throw new Error(`${statusCode} for ${JSON.stringify(target)}: ${body}`, { cause: faults[0] })
}
