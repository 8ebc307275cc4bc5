import { describe, expect, it } from 'vitest'

import { VENUES } from '../../../feed/venues/index.ts'
import { BadFrameError } from '../../../feed/venues/venue.ts'

const read = (venue: string, frame: string) => VENUES.get(venue)?.read(frame)

describe('frames as the documentation of the venues shows them', () => {
  it('of Kraken: all digits of numbers stay', () => {
    const frame =
      '{"channel":"trade","type":"update","data":[{"symbol":"MATIC/USD","side":"buy","price":0.51170000000000000001,"qty":1e-8,"ord_type":"market","trade_id":4665906,"timestamp":"2023-09-25T07:49:37.708706Z"}]}'
    expect(read('kraken', frame)).toEqual([
      {
        type: 'trade',
        trade: {
          symbol: 'MATIC/USD',
          id: 4_665_906,
          timestamp: '1695628177.708706',
          price: '0.51170000000000000001',
          volume: '1e-8',
          side: 'buy',
        },
      },
    ])
    expect(read('kraken', '{"channel":"status","type":"update","data":[{"system":"maintenance"}]}')).toEqual([
      { type: 'notice', text: 'the venue is in the state maintenance' },
    ])
    expect(read('kraken', '{"method":"pong","req_id":101}')).toEqual([])
  })

  it('of Coinbase: a heartbeat names the newest trade', () => {
    const heartbeat =
      '{"type":"heartbeat","sequence":90,"last_trade_id":20,"product_id":"BTC-USD","time":"2014-11-07T08:19:28.464459Z"}'
    expect(read('coinbase', heartbeat)).toEqual([{ type: 'newest', symbol: 'BTC-USD', id: 20 }])
    const match =
      '{"type":"last_match","trade_id":10,"sequence":50,"time":"2014-11-07T08:19:27.028459Z","product_id":"BTC-USD","size":"5.23512","price":"400.23","side":"sell"}'
    expect(read('coinbase', match)).toEqual([
      {
        type: 'trade',
        trade: {
          symbol: 'BTC-USD',
          id: 10,
          timestamp: '1415348367.028459',
          price: '400.23',
          volume: '5.23512',
          side: 'buy',
        },
      },
    ])
    expect(
      read(
        'coinbase',
        '{"type":"error","message":"Failed to subscribe","reason":"NO-PE is not a valid product"}',
      ),
    ).toEqual([{ type: 'refused', symbols: ['NO-PE'], reason: 'NO-PE is not a valid product' }])
  })

  it('of Binance: milliseconds become seconds, raw and aggregate trades have ids of their own', () => {
    const raw =
      '{"e":"trade","E":1672515782136,"s":"BNBBTC","t":12345,"p":"0.001","q":"100","T":1672515782006,"m":true,"M":true}'
    const trade = {
      symbol: 'BNBBTC',
      id: 12_345,
      timestamp: '1672515782.006',
      price: '0.001',
      volume: '100',
      side: 'sell',
    }
    expect(read('binance', raw)).toEqual([{ type: 'trade', trade }])
    const aggregate =
      '{"e":"aggTrade","E":1672515782136,"s":"BNBBTC","a":12345,"p":"0.001","q":"100","f":100,"l":105,"T":1672515782006,"m":true,"M":true}'
    expect(read('binance-agg', aggregate)).toEqual([{ type: 'trade', trade }])
    expect(() => read('binance', aggregate)).toThrow(BadFrameError)
  })

  it('of Alpaca: corrections and cancels come with the trades, conditions and tape stay', () => {
    const trade =
      '[{"T":"t","i":96921,"S":"AAPL","x":"D","p":126.550,"s":1,"t":"2021-02-22T15:51:44.208123456Z","c":["@","I"],"z":"C"}]'
    expect(read('alpaca-sip', trade)).toEqual([
      {
        type: 'timed-trade',
        trade: {
          symbol: 'AAPL',
          key: 'D 96921',
          timestamp: '1614009104.208123456',
          price: '126.550',
          volume: '1',
          conditions: '["@","I"]',
          tape: 'C',
        },
      },
    ])
    const correction =
      '[{"T":"c","S":"EEM","x":"M","oi":52983525033527,"op":39.1582,"os":440000,"oc":[" ","7"],"ci":52983525034326,"cp":39.1809,"cs":440000,"cc":[" ","7"],"z":"B","t":"2023-04-06T14:25:06.542305024Z"}]'
    expect(read('alpaca-sip', correction)).toMatchObject([
      {
        type: 'correction',
        was: { key: 'M 52983525033527', price: '39.1582' },
        now: {
          key: 'M 52983525034326',
          price: '39.1809',
          number: { line: 'alpaca-sip:M:2023-04-06', id: 52_983_525_034_326 },
        },
      },
    ])
    expect(read('alpaca-crypto', '[{"T":"error","code":409,"msg":"insufficient subscription"}]')).toEqual([
      { type: 'denied', reason: '409 insufficient subscription' },
    ])
    const crypto =
      '[{"T":"t","S":"AVAX/USD","p":47.299,"s":29.205707815,"t":"2024-03-12T10:27:48.858228144Z","i":3447222699101865076,"tks":"S"}]'
    expect(read('alpaca-crypto', crypto)).toEqual([
      {
        type: 'timed-trade',
        trade: {
          symbol: 'AVAX/USD',
          key: '3447222699101865076',
          timestamp: '1710239268.858228144',
          price: '47.299',
          volume: '29.205707815',
          side: 'sell',
        },
      },
    ])
  })

  it('of Massive: the sequence number counts, with the day', () => {
    const stock =
      '[{"ev":"T","sym":"MSFT","x":4,"i":"12345","z":3,"p":114.125,"s":100,"c":[0,12],"t":1536036818784,"q":3681328}]'
    expect(read('massive-stocks', stock)).toEqual([
      {
        type: 'timed-trade',
        trade: {
          symbol: 'MSFT',
          key: '2018-09-04 3681328',
          number: { line: 'massive-stocks:2018-09-04', id: 3_681_328 },
          timestamp: '1536036818.784',
          price: '114.125',
          volume: '100',
          conditions: '[0,12]',
          tape: '3',
        },
      },
    ])
    const crypto =
      '[{"ev":"XT","pair":"BTC-USD","p":33021.9,"t":1610462007425,"s":0.01616617,"c":[2],"i":14272084,"x":3,"r":1610462007576}]'
    expect(read('massive-crypto', crypto)).toMatchObject([
      { trade: { symbol: 'BTC-USD', number: { line: 'massive-crypto:3', id: 14_272_084 }, side: 'buy' } },
    ])
    expect(
      read('massive-stocks', '[{"ev":"status","status":"success","message":"subscribed to: T.MSFT"}]'),
    ).toEqual([{ type: 'subscribed', symbols: ['MSFT'] }])
  })

  it('whose side is none that the venue has are trades without one', () => {
    const match =
      '{"type":"match","trade_id":10,"time":"2014-11-07T08:19:27Z","product_id":"BTC-USD","size":"1","price":"1"'
    for (const side of ['', ',"side":null', ',"side":"BUY"', ',"side":7'])
      expect(read('coinbase', `${match}${side}}`)).toEqual([
        {
          type: 'trade',
          trade: { symbol: 'BTC-USD', id: 10, timestamp: '1415348367', price: '1', volume: '1' },
        },
      ])
  })

  it.each([...VENUES.keys()])('of %s that are damaged are refused with what is wrong', (venue) => {
    for (const frame of [
      '',
      '{',
      '7',
      'null',
      '[]',
      '{"type":"match","product_id":"A"}',
      '{"e":"trade","s":1}',
      '{"channel":"trade"}',
    ])
      expect(() => read(venue, frame)).toThrow(BadFrameError)
    const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`
    expect(() => read(venue, deep)).toThrow(BadFrameError)
  })
})
