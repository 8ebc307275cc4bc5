import type { Client } from 'pg'

/** Minutes of a session of US stocks, from 14:30 UTC on. */
const MINUTES = 390
const DAY_MS = 86_400_000

export type Year = {
  readonly symbols: readonly string[]
  /** Days, the last of them yesterday. */
  readonly days: number
}

/** One day's bars of all symbols: prices that wander, to the cent, and volumes of whole shares. */
const ONE_DAY = `
  INSERT INTO ohlcv_1min
    (symbol, timestamp, open, high, low, close, volume, vwap, trade_count, revision, closed_at)
  SELECT symbol, minute, price, price + 0.07, price - 0.05, price + 0.02, 1000 + n * 7 % 5000, price + 0.0123, 20 + n % 50,
    1, minute + interval '61 seconds'
  FROM (
    SELECT symbol, n, $2::timestamptz + n * interval '1 minute' AS minute,
      round((100 + place + 5 * sin(n / 50.0 + place))::numeric, 2) AS price
    FROM unnest($1::text[]) WITH ORDINALITY AS symbols (symbol, place) CROSS JOIN generate_series(0, ${MINUTES - 1}) AS n
  ) AS made
  ORDER BY symbol, minute`

/** Makes that many days of bars, each in its partition. As the owner. */
export async function makeBars(
  owner: Client,
  { symbols, days }: Year,
  onDay: (day: number) => void,
): Promise<void> {
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS
  for (let back = days; back >= 1; back--) {
    const day = new Date(today - back * DAY_MS).toISOString().slice(0, 10)
    await owner.query(`SELECT ensure_partition('ohlcv_1min', $1)`, [day])
    await owner.query(ONE_DAY, [symbols, `${day}T14:30:00Z`])
    onDay(days - back + 1)
  }
  await owner.query('ANALYZE ohlcv_1min, symbols')
}
