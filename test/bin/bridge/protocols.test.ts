import { decode, encode } from '@msgpack/msgpack'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { findFormat, type Format } from '../../../bin/bridge/protocols/format.ts'
import { JSON_CODEC, MSGPACK_CODEC } from '../../../bin/bridge/protocols/codec.ts'
import type { Update } from '../../../bin/bridge/updates.ts'

const MSGPACK = 'application/msgpack'
const timestamp = '2025-11-10T17:24:00Z'
const bar = {
  type: 'bar',
  symbol: 'AAPL',
  timestamp,
  revision: 2,
  open: '150.25',
  high: '150.300000000000000001',
  low: '150.2',
  close: '150.25',
  volume: '1200',
  vwap: '150.24',
  trade_count: 12,
} as const
const corrected: Update = { type: 'corrected', symbol: 'AAPL', bar }
const trade: Update = {
  type: 'trade',
  symbol: 'AAPL',
  ticks: { type: 'ticks', symbol: 'AAPL', close: '150.28', volume: '420', time: 1_760_106_735.123 },
}

function formatAt(path: string, contentType?: string): Format {
  const format = findFormat(path, contentType)
  if (format === undefined) throw new Error(`there is no stream at ${path}`)
  return format
}

const alpaca = formatAt('/v2/iex')
const stocks = formatAt('/stocks')

describe('streams', () => {
  it.each([
    '/v2/sip',
    '/v2/test',
    '/v1beta3/crypto/us',
    '/v1beta3/crypto/eu-1',
    '/stocks',
    '/crypto',
    '/forex',
  ])('are at %s', (path) => expect(findFormat(path, undefined)?.isBinary).toBe(false))

  it.each(['/', '/v2/stocks/bars', '/v2/', '/v1beta1/news', '/options', '/stocks/', '/constructor'])(
    'are not at %s',
    (path) => expect(findFormat(path, MSGPACK)).toBeUndefined(),
  )

  it("are MessagePack where Alpaca's client asks for it", () => {
    expect(findFormat('/v2/iex', MSGPACK)?.isBinary).toBe(true)
    expect(findFormat('/stocks', MSGPACK)?.isBinary).toBe(false)
  })
})

describe("Alpaca's", () => {
  it('writes a correction with all digits, and a trade', () => {
    expect(String(alpaca.writeUpdates([corrected, trade]))).toBe(
      '[{"T":"u","S":"AAPL","o":150.25,"h":150.300000000000000001,"l":150.2,"c":150.25,"v":1200,"t":"2025-11-10T17:24:00Z","n":12,"vw":150.24},' +
        '{"T":"t","S":"AAPL","p":150.28,"s":420,"t":"2025-10-10T14:32:15.123Z","c":[]}]',
    )
  })

  it('writes a bar as MessagePack, its time as a timestamp', () => {
    const format = formatAt('/v2/iex', MSGPACK)
    const withoutVolume = { ...bar, volume: '0', vwap: null, trade_count: 0 }
    expect(decode(format.writeUpdates([{ type: 'bar', symbol: 'AAPL', bar: withoutVolume }]))).toEqual([
      {
        T: 'b',
        S: 'AAPL',
        o: 150.25,
        h: 150.3,
        l: 150.2,
        c: 150.25,
        v: 0,
        t: new Date(timestamp),
        n: 0,
        vw: null,
      },
    ])
  })

  it('reads a key, and subscriptions', () => {
    const { read } = alpaca.protocol
    expect(read({ action: 'auth', key: 'any', secret: 'KEY' })).toEqual({ type: 'authenticate', key: 'KEY' })
    expect(read({ action: 'subscribe', bars: ['AAPL', '*'], quotes: [] })).toEqual({
      type: 'subscribe',
      selection: { bars: ['AAPL', '*'] },
    })
  })

  it.each([
    [[1], 'invalid-message', /action is not set; allowed: auth/],
    ['auth', 'invalid-message', /action is not set/],
    [{ action: 'listen' }, 'invalid-message', /action is "listen"/],
    [{ action: 'auth', key: 'KEY' }, 'invalid-message', /auth needs "key"/],
    [{ action: 'subscribe', bars: 'AAPL' }, 'invalid-message', /bars must be a list/],
    [{ action: 'subscribe', bars: ['A,B'] }, 'invalid-message', /bars has "A,B", which is no symbol/],
    [
      { action: 'subscribe', bars: ['AAPL'], quotes: ['AAPL'] },
      'no-such-channel',
      /there is no quotes; there are bars/,
    ],
  ])('refuses %j', (message, kind, detail) => {
    expect(alpaca.protocol.read(message)).toEqual({
      type: 'invalid',
      fault: { kind, detail: expect.stringMatching(detail) },
    })
  })

  it('tells errors by its codes', () => {
    expect(alpaca.protocol.fault({ kind: 'key-refused', detail: 'no' })).toEqual([
      { T: 'error', code: 402, msg: 'auth failed: no' },
    ])
  })
})

describe("Massive's", () => {
  it('writes a bar as AM and a trade as T, of pairs as XA and XT', () => {
    const start = Date.parse(timestamp)
    const values = {
      v: 1200,
      vw: 150.24,
      o: 150.25,
      c: 150.25,
      h: 150.3,
      l: 150.2,
      z: 100,
      s: start,
      e: start + 60_000,
    }
    const read = (format: Format): unknown => JSON.parse(String(format.writeUpdates([corrected, trade])))
    expect(read(stocks)).toEqual([
      { ev: 'AM', sym: 'AAPL', ...values },
      { ev: 'T', sym: 'AAPL', p: 150.28, s: 420, t: 1_760_106_735_123 },
    ])
    expect(read(formatAt('/crypto'))).toMatchObject([
      { ev: 'XA', pair: 'AAPL' },
      { ev: 'XT', pair: 'AAPL' },
    ])
  })

  it('reads a key, and subscriptions: a bar comes with its corrections', () => {
    const { read } = stocks.protocol
    expect(read({ action: 'auth', params: 'KEY' })).toEqual({ type: 'authenticate', key: 'KEY' })
    expect(read({ action: 'subscribe', params: 'AM.BRK.B, T.*,AM.ES1!' })).toEqual({
      type: 'subscribe',
      selection: { bars: ['BRK.B', 'ES1!'], updatedBars: ['BRK.B', 'ES1!'], trades: ['*'] },
    })
  })

  it.each([
    [
      { action: 'subscribe', params: 'Q.AAPL' },
      'no-such-channel',
      /no Q.AAPL; there are AM.SYMBOL and T.SYMBOL/,
    ],
    [{ action: 'subscribe', params: 'AM.' }, 'invalid-message', /"AM." has no symbol/],
    [{ action: 'subscribe', params: 'AAPL' }, 'no-such-channel', /there is no AAPL/],
    [{ action: 'subscribe' }, 'invalid-message', /params of subscribe must be text/],
    [null, 'invalid-message', /action is not set/],
  ])('refuses %j', (message, kind, detail) => {
    expect(stocks.protocol.read(message)).toEqual({
      type: 'invalid',
      fault: { kind, detail: expect.stringMatching(detail) },
    })
  })

  it('has no trades of currencies', () => {
    expect(formatAt('/forex').protocol.read({ action: 'subscribe', params: 'C.EUR/USD' })).toMatchObject({
      fault: { detail: 'there is no C.EUR/USD; there are CA.SYMBOL' },
    })
  })
})

describe.each([JSON_CODEC, MSGPACK_CODEC])('$name', (codec) => {
  it('reads the list of what it wrote', () => {
    const item = fc.dictionary(
      fc.stringMatching(/^[a-z]{1,8}$/),
      fc.oneof(fc.string(), fc.integer(), fc.boolean()),
    )
    fc.assert(
      fc.property(fc.array(item, { maxLength: 40 }), (items) => {
        expect(codec.read(codec.list(items.map(codec.write)))).toEqual(items)
      }),
    )
  })

  it('writes long lists', () => {
    for (const length of [15, 16, 65_535, 65_536]) {
      const items = Array.from({ length }, () => codec.write({}))
      expect(codec.read(codec.list(items))).toHaveLength(length)
    }
  })

  it('answers anything that is not written so with an error, or some value', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        try {
          alpaca.protocol.read(codec.read(Buffer.from(bytes)))
        } catch (error) {
          expect(error).toBeInstanceOf(Error)
        }
      }),
    )
  })
})

it('a deep message is refused', () => {
  expect(() => JSON_CODEC.read(Buffer.from('['.repeat(100_000)))).toThrow(/deep/)
  let deep: unknown = 1
  for (let depth = 0; depth < 90; depth++) deep = [deep]
  expect(alpaca.protocol.read(MSGPACK_CODEC.read(Buffer.from(encode(deep))))).toMatchObject({
    type: 'invalid',
  })
})
