import { gzipSync } from 'node:zlib'

import { encodeRecord } from '../../feed/encode-record.ts'
import { aggregated } from '../support/aggregated-record.ts'

/** The symbol of every record, as partition key, and when they arrive; Unix milliseconds. */
export const SYMBOL = 'BRK.B'
export const ARRIVED = 1_760_106_740_000

const TRADE = '{"symbol":"BRK.B","price":150.25,"volume":100,"timestamp":1760106735.123}'
const BATCH =
  '{"symbol":"BRK.B","source":"replay","sequence":812,"ticks":[[1760106735.123,150.25,100],[1760106736,"0.00000001",0],[1760106737,1,2,7]]}'

/** Records of the stream `ticks`. */
export const TICKS = [
  TRADE,
  BATCH,
  '{"symbol": "BRK.B", "line": "XNAS", "contiguous": true, "price": "150.25", "volume": 1e2, "timestamp": 1760106735, "id": 7}',
  '{"symbol":"BRK.B","tape":"A","ticks":[[1760106735,1,1,5,["@","I"]],[1760106735,-1,1],[0,1,1]]}',
  '{"symbol":"BRK.B","ticks":[[1760106735,1,1,5,null,"buy"],[1760106735,1,1,null,null,"sell"],[1760106735,1,1]]}',
  '{"symbol":"BRK.B","side":"sell","price":1,"volume":1,"timestamp":1760106735}',
  '{"symbol":"BRK.B","type":"cancel","id":7,"timestamp":1760106735,"price":19.99,"volume":250000}',
  '{"symbol":"BRK.B","type":"correct","id":7,"timestamp":1760106735,"price":2,"volume":3,"was":{"price":1,"volume":4}}',
]

const head = {
  symbol: SYMBOL,
  source: 'replay',
  sequence: 812,
  line: { name: 'XNAS', isContiguous: true },
  tape: 'A',
}
const times = ['1760106735.123', '1760106735.123456789', '1760106734', '1760106736']

/** Compact records: of plain trades, of what none may be, of digits that a double does not hold, and of trades with sides. */
export const COMPACT: readonly Buffer[] = [
  ['150.25', '150.26', '150.25', '149.9'],
  ['0.00000001', '-1', '0', '999999999999999.999999999999999999'],
  ['150.25', '150.26', '150.25', '149.9', '150'],
].map((prices, number) => {
  const ticks = prices.map((price, place) => ({
    symbol: SYMBOL,
    timestamp: times[place % times.length] ?? '',
    price,
    volume: number !== 1 ? String(100 * place) : price.replace('-', ''),
    ...(place > 0 && { id: String(70 + place) }),
    ...(place > 1 && { conditions: '["@","I"]' }),
    ...(number === 2 && place > 0 && { side: place % 2 === 0 ? ('buy' as const) : ('sell' as const) }),
  }))
  return encodeRecord(head, ticks, { encoding: 'compact', jsonBytes: Infinity })
})

/** The same packed in each way, and in each other. */
export const PACKED: readonly Uint8Array[] = [
  ...TICKS.map((text) => Buffer.from(text)),
  ...COMPACT,
  gzipSync(COMPACT[0] ?? '', { level: 0 }),
  gzipSync(BATCH, { level: 0 }),
  gzipSync(`${TRADE}\n${BATCH}\n`, { level: 0 }),
  Buffer.from(`\ufeff${TRADE}\r\n\r\n${BATCH}\n${TRADE}`),
  aggregated([
    [SYMBOL, TRADE],
    ['MSFT', BATCH],
    [SYMBOL, COMPACT[0] ?? ''],
    [SYMBOL, gzipSync(TRADE)],
  ]),
]

const MINUTE = '"symbol":"AAPL","timestamp":"2025-11-10T17:24:00Z","timeframe":"1Min","revision":2'

/** Records of `bars` and `signals`. */
export const RECORDS = [
  `{"type":"bar",${MINUTE},"open":"150.25","high":"150.3","low":"-37.63","close":"150.25","volume":"1200","notional":"180288","vwap":null,"trade_count":12,"complete":true,"closed_at":1762795500123}`,
  `{"type":"indicators",${MINUTE},"calculated_at":1,"closed_at":1,"values":{"rsi_14":61.5,"obv":0}}`,
  `{"type":"patterns",${MINUTE},"calculated_at":1,"closed_at":1,"patterns":[{"pattern_type":"doji","direction":"neutral","strength":100,"confidence":0.5,"pattern_data":{"candles":[{"open":1}]}}],"withdrawn":["hammer"]}`,
]

/** Messages of WebSocket clients. */
export const MESSAGES = [
  '{"action":"subscribe","symbols":["AAPL","BRK.B"],"types":["bar","patterns"]}',
  '{"action":"unsubscribe","symbols":["*"]}',
  '{"action":"ping"}',
]

/** Paths and queries of the API. */
export const REQUESTS = [
  '/v1/bars?symbols=AAPL,MSFT&timeframe=5Min&start=2025-11-10&end=2025-11-10T17:00:00-05:00&limit=10&sort=desc&numbers=string',
  '/v1/bars/BRK.B?asof=2025-11-10T15:00:00Z&tz=America/New_York&page_token=WyJhIixbMSx7fV1d',
  '/v1/bars/XBT%2FUSD/revisions?timeframe=1Day&formulas=raw',
  '/v1/indicators/AAPL?names=rsi_14,sma_20&form=wide',
  '/v1/patterns?types=doji&min_confidence=0.75',
  '/v1/symbols?limit=10000',
  '/v1/indicators/AAPL?timeframe=7Min&tz=Asia/Kolkata&names=macd_signal_12_26_9&sort=desc',
  '/v1/patterns?symbols=AAPL&timeframe=1Week&session=regular&sort=asc',
  '/v1/screen?where=rsi_14%3C30+and+(close%3Esma_20+or+not+doji)&symbols=BTC*&order=-volume/2&at=2025-11-10',
  '/v1/health',
  '/v2/stocks/bars?symbols=AAPL,MSFT&timeframe=5Min&start=2025-11-10&adjustment=raw&feed=iex&asof=2025-11-10&limit=10000',
  '/v1beta1/screener/stocks/most-actives?by=trades&top=5',
  '/v2/aggs/ticker/X:BTCUSD/range/5/minute/2025-11-10/1762785000000?adjusted=false&limit=50000&cursor=WyJhIixbMSx7fV1d',
  '/v1/indicators/sma/AAPL?timespan=minute&window=20&timestamp.gte=2025-11-10&timestamp.lt=1762785000000&order=asc',
  '/v2/snapshot/locale/us/markets/stocks/tickers?tickers=AAPL,MSFT&apiKey=k',
  '/docs',
]
