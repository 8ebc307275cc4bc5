import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { parseColumns } from '../../../feed/files/columns.ts'
import type { ReadOptions } from '../../../feed/files/read-trades.ts'
import { barsOfFiles, type BarsOfFiles } from '../../support/bars-of-files.ts'
import { zipOf } from '../../support/zip.ts'

let folder: string
let spill: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickstock-formats-'))
})
beforeEach(() => {
  spill = mkdtempSync(join(folder, 'spill-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** What the bars of one file are. */
async function barsOf(
  name: string,
  content: string | Uint8Array,
  options: ReadOptions = {},
): Promise<BarsOfFiles> {
  const file = join(folder, name)
  writeFileSync(file, content)
  return await barsOfFiles([file], { folder: spill, ...options })
}

function lines(...rows: readonly string[]): string {
  return rows.map((row) => `${row}\n`).join('')
}

/** Names of the formats and units that tables were recognised as. */
function recognised({ tables }: BarsOfFiles): string[] {
  return tables.map(({ format, unit = '-', symbol = '-' }) => `${format.name} ${unit} ${symbol}`)
}

describe('Binance', () => {
  it('reads a dump of spot trades without a header, in microseconds, from a zip', async () => {
    const csv = lines(
      '4359,93576.00000000,0.00100000,93.57600000,1735689600004821,True,True',
      '4360,93576.80000000,0.00200000,187.15360000,1735689600104821,False,True',
      '4361,93570.00000000,0.50000000,46785.00000000,1735689660000001,False,True',
    )
    const made = await barsOf(
      'BTCUSDT-trades-2025-01-01.zip',
      zipOf({ 'BTCUSDT-trades-2025-01-01.csv': csv }),
    )
    expect(recognised(made)).toEqual(['binance µs BTCUSDT'])
    expect(made.bars).toEqual([
      'BTCUSDT 2025-01-01T00:00:00Z 93576 93576.8 93576 93576.8 0.003 2 1 true',
      'BTCUSDT 2025-01-01T00:01:00Z 93570 93570 93570 93570 0.5 1 1 true',
    ])
    expect(made.records[0]).toContain(
      '"line":"binance","contiguous":true,"ticks":[[1735689600.004821,93576.00000000,0.00100000,4359]',
    )
  })

  it('reads a dump of futures trades with a header, in milliseconds, and tells a missing id', async () => {
    const made = await barsOf(
      'ETHUSDT-trades-2024-03-01.csv',
      lines(
        'id,price,qty,quote_qty,time,is_buyer_maker',
        '7,3340.01,1.5,5010.015,1709251200123,false',
        '9,3340.02,2,6680.04,1709251201000,true',
      ),
    )
    expect(recognised(made)).toEqual(['binance ms ETHUSDT'])
    expect(made.bars).toEqual(['ETHUSDT 2024-03-01T00:00:00Z 3340.01 3340.02 3340.01 3340.02 3.5 2 1 false'])
  })

  it.each([
    ['without a header', []],
    ['with one', ['agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker']],
  ])('reads aggregate trades %s, numbered by themselves', async (_what, header) => {
    const made = await barsOf(
      'BTCUSDT-aggTrades-2024-03-01.csv',
      lines(
        ...header,
        '100,61130.9,0.2,500,502,1709251200000,true',
        '101,61131,0.3,503,503,1709251200000,false',
      ),
    )
    expect(recognised(made)).toEqual(['binance-agg ms BTCUSDT'])
    expect(made.bars).toEqual(['BTCUSDT 2024-03-01T00:00:00Z 61130.9 61131 61130.9 61131 0.5 2 1 true'])
    expect(made.records[0]).toContain('"line":"binance-agg","contiguous":true')
  })

  it('says that a dump of klines is one of bars', async () => {
    const row =
      '1735689600000000,93576.00,93610.93,93537.50,93610.93,8.21827,1735689659999999,768978.4,2631,3.95157,369757.3,0'
    await expect(barsOf('BTCUSDT-1m-2025-01-01.csv', lines(row))).rejects.toThrow(
      /BTCUSDT-1m-2025-01-01\.csv is a CSV file of bars, not of trades: tickstock import --bars reads those\.$/,
    )
  })
})

describe('Kraken', () => {
  it('reads a file of its history, whose name is the symbol', async () => {
    const made = await barsOf(
      'XBTUSD.csv',
      lines('1381095255,123.30352,0.1', '1381095255,123.28,0.5', '1381095320,123.61006,0.2'),
    )
    expect(recognised(made)).toEqual(['kraken s XBTUSD'])
    expect(made.bars).toEqual([
      'XBTUSD 2013-10-06T21:34:00Z 123.30352 123.30352 123.28 123.28 0.6 2 1 null',
      'XBTUSD 2013-10-06T21:35:00Z 123.61006 123.61006 123.61006 123.61006 0.2 1 1 null',
    ])
  })

  it('reads one of another name when it is told what it is', async () => {
    const text = lines('1381095255,123.3,0.1')
    await expect(barsOf('history.csv', text)).rejects.toThrow(
      /it has no header, and its first row is "1381095255,/,
    )
    const made = await barsOf('history.csv', text, { format: 'kraken', symbol: 'XBTUSD' })
    expect(made.bars).toEqual(['XBTUSD 2013-10-06T21:34:00Z 123.3 123.3 123.3 123.3 0.1 1 1 null'])
  })

  it('says that a file of OHLCVT is one of bars', async () => {
    await expect(barsOf('XBTUSD_1.csv', lines('1381095240,122,122.5,121,122.5,0.1,1'))).rejects.toThrow(
      /is a CSV file of bars, not of trades/,
    )
  })
})

describe('Coinbase', () => {
  const TRADES = [
    { time: '2025-11-07T22:19:59.465963Z', trade_id: 75, price: '10.20000000', size: '0.02', side: 'sell' },
    { time: '2025-11-07T22:19:28.578544Z', trade_id: 74, price: '10.10000000', size: '0.01', side: 'buy' },
    { time: '2025-11-07T22:19:28.578544Z', trade_id: 73, price: '10.30000000', size: '0.03', side: 'buy' },
  ]
  const BAR = 'BTC-USD 2025-11-07T22:19:00Z 10.3 10.3 10.1 10.2 0.06 3 1 true'

  it.each([
    ['on one line', JSON.stringify(TRADES)],
    ['over several lines', JSON.stringify(TRADES, undefined, 2)],
  ])('reads an answer of its API %s, newest first, in the order of the ids', async (_what, text) => {
    const made = await barsOf('BTC-USD.json', text)
    expect(recognised(made)).toEqual(['coinbase ISO 8601 BTC-USD'])
    expect(made.bars).toEqual([BAR])
  })

  it('reads messages of its WebSocket feed, and leaves out those that are no matches', async () => {
    const messages = TRADES.map((trade) => ({ type: 'match', product_id: 'BTC-USD', ...trade }))
    const subscribed = { type: 'subscriptions', channels: [] }
    const text = [...messages, subscribed].map((message) => JSON.stringify(message)).join('\n')
    const made = await barsOf('recorded.ndjson', text)
    expect(recognised(made)).toEqual(['coinbase ISO 8601 -'])
    expect(made.bars).toEqual([BAR])
    expect(made.counts.leftOut).toEqual([['a message subscriptions', 1]])
  })
})

describe('Massive', () => {
  it('reads a flat file of stocks: conditions, tapes, corrections', async () => {
    const made = await barsOf(
      '2024-01-02.csv',
      lines(
        'ticker,conditions,correction,exchange,id,participant_timestamp,price,sequence_number,sip_timestamp,size,tape,trf_id,trf_timestamp',
        // 12: Form T, 37: odd lot; both change the volume only.
        'AAPL,"12,37",0,11,1,1704204000001002003,190.00,11,1704204000001222111,5,3,0,0',
        'AAPL,,0,11,2,1704204000001002003,187.20,12,1704204000001222112,100,3,0,0',
        'AAPL,14,0,4,52983525,1704204000002000000,187.25,20,1704204000002222112,200,3,202,1704204000002111111',
        'AAPL,,8,11,3,1704204000003000000,999.00,21,1704204000003222112,100,3,0,0',
        'AAPL,,10,11,4,1704204000003000000,999.00,22,1704204000004222112,100,3,0,0',
        'AAPL,,12,11,5,1704204000005000000,187.10,23,1704204000005222112,50,3,0,0',
      ),
    )
    expect(recognised(made)).toEqual(['massive ns -'])
    expect(made.bars).toEqual(['AAPL 2024-01-02T14:00:00Z 187.2 187.25 187.1 187.1 355 4 1 null'])
    expect(made.counts.leftOut).toEqual([
      ['cancelled later', 1],
      ['a cancel record', 1],
    ])
    expect(made.records[0]).toContain(
      '"line":"massive","tape":3,"ticks":[[1704204000.001222111,190.00,5,11,[12,37]],',
    )
  })

  it('reads flat files of options and of crypto, whose conditions belong to no tape', async () => {
    const options = await barsOf(
      'options.csv',
      lines(
        'ticker,conditions,correction,exchange,price,sip_timestamp,size',
        'O:SPY240105C00475000,209,0,312,0.55,1704206700123000000,3',
      ),
    )
    expect(options.bars).toEqual(['O:SPY240105C00475000 2024-01-02T14:45:00Z 0.55 0.55 0.55 0.55 3 1 1 null'])
    const crypto = await barsOf(
      'crypto.csv',
      lines(
        'ticker,conditions,exchange,id,participant_timestamp,price,size',
        'X:BTC-USD,2,1,581912345,1704067200000000000,42283.58,0.02',
      ),
    )
    expect(crypto.bars).toEqual([
      'X:BTC-USD 2024-01-01T00:00:00Z 42283.58 42283.58 42283.58 42283.58 0.02 1 1 null',
    ])
  })
})

describe('Databento', () => {
  const HEADER =
    'ts_recv,ts_event,rtype,publisher_id,instrument_id,action,side,depth,price,size,flags,ts_in_delta,sequence,symbol'
  const BAR = 'ESH4 2024-01-02T14:30:00Z 4745.25 4745.5 4745.25 4745.5 3 2 1 null'

  it('reads its CSV: billionths and nanoseconds, or pretty ones', async () => {
    const plain = await barsOf(
      'plain.csv',
      lines(
        HEADER,
        '1704205800000100000,1704205800000000001,0,1,5602,T,A,0,4745250000000,1,0,17000,100,ESH4',
        '1704205800000200000,1704205800000000001,0,1,5602,T,B,0,4745500000000,2,0,17000,101,ESH4',
        '1704205800000300000,1704205800000000002,0,1,5602,C,B,0,4700000000000,9,0,17000,102,ESH4',
      ),
    )
    expect(recognised(plain)).toEqual(['databento ns -'])
    expect(plain.bars).toEqual([BAR])
    expect(plain.counts.leftOut).toEqual([['the action C, not T', 1]])
    const pretty = await barsOf(
      'pretty.csv',
      lines(
        HEADER,
        '2024-01-02T14:30:00.000100000Z,2024-01-02T14:30:00.000000001Z,0,1,5602,T,A,0,4745.250000000,1,0,17000,100,ESH4',
        '2024-01-02T14:30:00.000200000Z,2024-01-02T14:30:00.000000001Z,0,1,5602,T,B,0,4745.500000000,2,0,17000,101,ESH4',
      ),
    )
    expect(pretty.bars).toEqual([BAR])
  })

  it('wants a symbol where the file has none', async () => {
    const text = lines(
      HEADER.replace(',symbol', ''),
      '1704205800000100000,1704205800000000001,0,1,5602,T,A,0,4745250000000,1,0,17000,100',
    )
    await expect(barsOf('none.csv', text)).rejects.toThrow(
      /none\.csv does not say which symbol its trades are of/,
    )
    expect((await barsOf('none.csv', text, { symbol: 'ESH4' })).bars).toHaveLength(1)
  })
})

describe('Tardis', () => {
  it('reads its trades: ids on the line of a venue that numbers them', async () => {
    const made = await barsOf(
      'binance_trades_2020-09-01_BTCUSDT.csv',
      lines(
        'exchange,symbol,timestamp,local_timestamp,id,side,price,amount',
        'binance,BTCUSDT,1598918400123000,1598918400200000,400,buy,11650.01,0.5',
        'binance,BTCUSDT,1598918400123000,1598918400200100,401,sell,11650,0.25',
      ),
    )
    expect(recognised(made)).toEqual(['tardis µs -'])
    expect(made.bars).toEqual(['BTCUSDT 2020-09-01T00:00:00Z 11650.01 11650.01 11650 11650 0.75 2 1 true'])
    expect(made.records[0]).toContain('"line":"binance","contiguous":true')
  })

  it('takes ids that are no numbers for nothing but the identity', async () => {
    const row =
      'bitmex,XBTUSD,1585699202957000,1585699203089980,b2f1d9d3-8d3c-4e5f-8a2b-000000000001,sell,6425.5,20'
    const made = await barsOf(
      'bitmex.csv',
      lines('exchange,symbol,timestamp,local_timestamp,id,side,price,amount', row, row),
    )
    expect(made.bars).toEqual(['XBTUSD 2020-04-01T00:00:00Z 6425.5 6425.5 6425.5 6425.5 20 1 1 null'])
    expect(made.counts.duplicates).toBe(1)
  })
})

describe('Alpaca', () => {
  const TRADES = [
    { t: '2024-01-02T14:30:00.123456789Z', x: 'V', p: 187.15, s: 100, c: ['@'], i: 1, z: 'C' },
    { t: '2024-01-02T14:30:01Z', x: 'Q', p: 190, s: 7, c: ['@', 'I'], i: 1, z: 'C' },
    { t: '2024-01-02T14:30:02Z', x: 'V', p: 500, s: 1, c: ['@'], i: 2, z: 'C', u: 'canceled' },
  ]
  const BAR = 'AAPL 2024-01-02T14:30:00Z 187.15 187.15 187.15 187.15 107 2 1 null'

  it.each([
    ['several symbols', { trades: { AAPL: TRADES }, next_page_token: null }],
    ['one symbol', { symbol: 'AAPL', trades: TRADES, next_page_token: null }],
  ])('reads an answer of its API for %s', async (_what, answer) => {
    const made = await barsOf('alpaca.json', JSON.stringify(answer))
    expect(recognised(made)).toEqual(['alpaca ISO 8601 -'])
    expect(made.bars).toEqual([BAR])
    expect(made.counts.leftOut).toEqual([['cancelled later', 1]])
  })

  it('reads messages of its WebSocket', async () => {
    const text = TRADES.slice(0, 2).map((trade) =>
      JSON.stringify([
        { T: 't', S: 'AAPL', ...trade },
        { T: 'q', S: 'AAPL', bp: 1 },
      ]),
    )
    const made = await barsOf('ws.ndjson', lines('[{"T":"success","msg":"connected"}]', ...text))
    expect(made.bars).toEqual([BAR])
    expect(made.counts.leftOut).toEqual([
      ['a message q', 2],
      ['a message success', 1],
    ])
  })

  it('reads what its SDK for Python writes as CSV', async () => {
    const made = await barsOf(
      'sdk.csv',
      lines(
        'symbol,timestamp,exchange,price,size,id,conditions,tape',
        `AAPL,2024-01-02 09:30:00.123456789-05:00,V,187.15,100.0,1,['@'],C`,
        `AAPL,2024-01-02 09:30:01-05:00,Q,190.0,7.0,1,"['@', 'I']",C`,
      ),
    )
    expect(recognised(made)).toEqual(['alpaca ISO 8601 -'])
    expect(made.bars).toEqual([BAR])
  })
})

describe('QuantConnect Lean', () => {
  it('reads ticks of US equities: New York time, prices in 0.0001', async () => {
    const csv = lines('34200123.5,1374500,100,D,1,0', '34200124,1374600,50,P,0,0', '34200125,9999900,1,P,0,1')
    const made = await barsOf('20131008_trade.zip', zipOf({ '20131008_bac_Trade_Tick.csv': csv }))
    expect(recognised(made)).toEqual(['lean - BAC'])
    // 09:30 of New York in summer.
    expect(made.bars).toEqual(['BAC 2013-10-08T13:30:00Z 137.45 137.46 137.45 137.46 150 2 1 null'])
    expect(made.records[0]).toContain('[1381239000.1235,137.4500,100]')
    expect(made.counts.leftOut).toEqual([['marked as suspicious', 1]])
  })

  it('reads ticks of crypto: UTC, plain prices', async () => {
    const made = await barsOf(
      '20170903_trade.zip',
      zipOf({ '20170903_btcusd_tick_trade.csv': lines('86399000,4580.22,0.5', '5,4599.01,1.25') }),
    )
    expect(recognised(made)).toEqual(['lean - BTCUSD'])
    expect(made.bars).toEqual([
      'BTCUSD 2017-09-03T00:00:00Z 4599.01 4599.01 4599.01 4599.01 1.25 1 1 null',
      'BTCUSD 2017-09-03T23:59:00Z 4580.22 4580.22 4580.22 4580.22 0.5 1 1 null',
    ])
  })
})

describe('any table', () => {
  it.each([
    [
      'usual names in any order and case',
      'Size,PRICE,Sip_Timestamp,Ticker\n2,10.5,1760106720123456789,A\n',
      {},
    ],
    ['tabs', 'symbol\ttime\tprice\tqty\nA\t1760106720.123456789\t10.5\t2\n', {}],
    [
      'named columns',
      'a,b,c,d\nA,1760106720123456789,10.5,2\n',
      { columns: 'symbol=a,time=b,price=c,volume=d' },
    ],
    ['no header', '1760106720123456789,x,10.5,2\n', { columns: 'time,-,price,volume', symbol: 'A' }],
    [
      'local time',
      'symbol,time,price,volume\nA,2025-10-10 10:32:00.123456789,10.5,2\n',
      { timezone: 'America/New_York' },
    ],
    [
      'quotes',
      '"symbol","time","price","volume","a ""note"""\n"A","1760106720.123456789","10.5","2","x,\ny"\n',
      {},
    ],
  ])('with %s', async (_what, text, { columns, ...options }: Given) => {
    const made = await barsOf('any.csv', text, {
      ...options,
      ...(columns !== undefined && { columns: parseColumns(columns) }),
    })
    expect(made.bars).toEqual(['A 2025-10-10T14:32:00Z 10.5 10.5 10.5 10.5 2 1 1 null'])
    expect(made.records[0]).toContain('[1760106720.123456789,10.5,2]')
  })
})

type Given = { readonly columns?: string; readonly symbol?: string; readonly timezone?: string }
