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
    const trade = { symbol: 'BNBBTC', id: 12_345, timestamp: '1672515782.006', price: '0.001', volume: '100' }
    expect(read('binance', raw)).toEqual([{ type: 'trade', trade }])
    const aggregate =
      '{"e":"aggTrade","E":1672515782136,"s":"BNBBTC","a":12345,"p":"0.001","q":"100","f":100,"l":105,"T":1672515782006,"m":true,"M":true}'
    expect(read('binance-agg', aggregate)).toEqual([{ type: 'trade', trade }])
    expect(() => read('binance', aggregate)).toThrow(BadFrameError)
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
