import type { Client } from 'pg'

const DAY_MS = 86_400_000
/** Days of bars: as many as values of 15 minutes are folded from, and as are looked back for the newest bar. */
const DAYS_OF_FEW = 60
const DAYS_OF_MANY = 8
/** Minutes of a day, from 14:30 UTC on. */
const MINUTES_OF_FEW = 390
const MINUTES_OF_MANY = 20

/** Bars of a day, prices that wander to the cent. */
const BARS = `
  INSERT INTO ohlcv_1min
    (symbol, timestamp, open, high, low, close, volume, vwap, trade_count, revision, closed_at, notional, complete)
  SELECT symbol, minute, price, price + 0.07, price - 0.05, price + 0.02 * (n % 3 - 1), 1000 + n * 7 % 5000, price + 0.01, 20 + n % 50,
    1, minute + interval '61 seconds', (price + 0.01) * (1000 + n * 7 % 5000), true
  FROM (
    SELECT symbol, n, $2::timestamptz + n * interval '1 minute' AS minute,
      round((100 + place % 900 + 5 * sin(n / 50.0 + place))::numeric, 2) AS price
    FROM unnest($1::text[]) WITH ORDINALITY AS symbols (symbol, place) CROSS JOIN generate_series(0, $3::integer - 1) AS n
  ) AS made
  ORDER BY symbol, minute`

/** Values of the indicators that the config has by default, and two patterns in some minutes, of the bars of a day. */
const SIGNALS = [
  `INSERT INTO indicator_values (symbol, timestamp, timeframe, revision, indicators, calculation_timestamp)
   SELECT symbol, timestamp, '1Min', 1, jsonb_build_object('rsi_14', 30 + trade_count % 40, 'sma_50', close - 1 + trade_count % 3) || (
     SELECT jsonb_object_agg('indicator_' || n, 1234.12345678 + n) FROM generate_series(1, 23) AS n
   ), now()
   FROM ohlcv_1min WHERE timestamp >= $1`,
  `INSERT INTO intraday_patterns (symbol, pattern_type, confidence, detection_timestamp, timestamp, timeframe, revision)
   SELECT symbol, type, 0.5, now(), timestamp, '1Min', 1
   FROM ohlcv_1min, unnest('{doji,hammer}'::text[]) AS type WHERE timestamp >= $1 AND trade_count % 10 = 0`,
]

/** Makes bars up to yesterday, each day in its partition, and signals of the last day. As the owner. */
export async function makeScreened(
  owner: Client,
  { few, many }: { readonly few: readonly string[]; readonly many: number },
): Promise<void> {
  const others = Array.from({ length: many }, (_, place) => `Z${String(place).padStart(4, '0')}`)
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS
  const startOf = (back: number) => `${new Date(today - back * DAY_MS).toISOString().slice(0, 10)}T14:30:00Z`
  for (let back = DAYS_OF_FEW; back >= 1; back--) {
    for (const table of ['ohlcv_1min', 'indicator_values', 'intraday_patterns'])
      await owner.query('SELECT ensure_partition($1::regclass, $2)', [table, startOf(back).slice(0, 10)])
    await owner.query(BARS, [few, startOf(back), MINUTES_OF_FEW])
    if (back <= DAYS_OF_MANY) await owner.query(BARS, [others, startOf(back), MINUTES_OF_MANY])
  }
  for (const text of SIGNALS) await owner.query(text, [startOf(1)])
  await owner.query('ANALYZE ohlcv_1min, indicator_values, intraday_patterns, symbols')
}
