import type { BarRecord } from '../../../functions/shared/streams/records.ts'
import { bar } from '../bar-writer/bars.ts'
import type { ApiHarness } from './harness.ts'

const MINUTES = ['25', '26', '27', '28', '29'].map((minute) => `2025-11-10T17:${minute}:00Z`)

/** Open of the first minute, and what each minute adds to it, in cents. */
const PRICES: Readonly<Record<string, readonly [number, number]>> = {
  AAPL: [269_05, 4],
  MSFT: [505_80, -7],
  NVDA: [196_42, 11],
}

const priceText = (cents: number) => String(cents / 100)

/** A bar that is the sum of three trades: at its open, its high or low, and its close. */
function exampleBar(symbol: string, minute: number): BarRecord {
  const [first, step] = PRICES[symbol] ?? [0, 0]
  const open = first + minute * step
  const close = open + step
  const extreme = step > 0 ? close + 2 : close - 2
  // 100, 50 and 150 shares, in cents.
  const notional = 100 * open + 50 * extreme + 150 * close
  return bar({
    symbol,
    timestamp: MINUTES[minute] ?? '',
    open: priceText(open),
    high: priceText(Math.max(open, extreme)),
    low: priceText(Math.min(open, extreme)),
    close: priceText(close),
    volume: '300',
    notional: priceText(notional),
    vwap: String(Number((notional / 30_000).toFixed(8))),
    trade_count: 3,
    complete: true,
    closed_at: Date.parse(MINUTES[minute] ?? '') + 60_240,
  })
}

/** Writes what the examples of the OpenAPI document ask for: five minutes of three symbols, one of them corrected, and signals. */
export async function writeExampleData(api: ApiHarness): Promise<void> {
  const bars = Object.keys(PRICES).flatMap((symbol) => MINUTES.map((_, minute) => exampleBar(symbol, minute)))
  await api.write(bars)
  const late = exampleBar('AAPL', 1)
  await api.write([
    {
      ...late,
      revision: 2,
      high: '269.4',
      volume: '310',
      notional: String(Number(late.notional) + 2694),
      vwap: ((Number(late.notional) + 2694) / 310).toFixed(8),
      trade_count: 4,
    },
  ])
  await api.server.as('app_readwrite', async (client) => {
    await client.query(
      `UPDATE ohlcv_1min SET written_at = closed_at + (CASE revision WHEN 2 THEN 41000 ELSE 110 END) * interval '1 ms'`,
    )
    // What the update has moved there.
    await client.query(
      `DELETE FROM bar_revisions AS old USING ohlcv_1min AS bar
       WHERE (old.symbol, old.timestamp, old.revision) = (bar.symbol, bar.timestamp, bar.revision)`,
    )
    await client.query(`UPDATE bar_revisions SET written_at = closed_at + interval '85 ms'`)
    await client.query(
      `INSERT INTO indicator_values (symbol, timestamp, timeframe, revision, indicators, calculation_timestamp)
       SELECT symbol, timestamp, '1Min', 1,
         jsonb_build_object('sma_20', close - 0.35, 'rsi_14', CASE WHEN close > open THEN 61.5 ELSE 38.25 END),
         timestamp + interval '61 seconds'
       FROM ohlcv_1min`,
    )
    await client.query(
      `INSERT INTO intraday_patterns (symbol, pattern_type, confidence, detection_timestamp, timestamp, timeframe, revision,
         direction, strength, pattern_data)
       VALUES ('NVDA', 'three_white_soldiers', 0.82, '2025-11-10T17:29:01Z', '2025-11-10T17:28:00Z', '1Min', 1, 'bullish', 80,
         '{"margins": {"body": 0.64}}')`,
    )
  })
}
