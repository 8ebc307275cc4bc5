import { describe, expect, it } from 'vitest'

import type { KinesisStreamRecord } from 'aws-lambda'
import { createTickParser } from '../../../functions/aggregator/decode.ts'
import { groupTrades } from '../../../functions/aggregator/group-trades.ts'
import { parseTrades } from '../../../functions/aggregator/parse-trades.ts'
import { TradeScanner } from '../../../functions/aggregator/scan-trades.ts'
import { TradeBuffer } from '../../../functions/aggregator/trade-buffer.ts'
import { parseBatch } from '../../../functions/shared/streams/consume.ts'
import { kinesisRecord } from '../../support/kinesis-event.ts'
import { comparable, textsOf } from '../../support/trade-texts.ts'

const ARRIVED = 1_760_106_740_000

const decodeBatch = (records: readonly KinesisStreamRecord[]) =>
  groupTrades(
    parseBatch(
      records,
      createTickParser(records, () => false),
    ).readable,
  )
const GOOD = '{"symbol":"AAPL","price":150.25,"volume":100,"timestamp":1760106735.123}'

const single = (fields: string) =>
  `{"symbol":"AAPL","price":150.25,"volume":100,"timestamp":1760106735.123,${fields}}`
/** The same with no key twice, which is plain enough for the fast reader. */
const plain = (fields: Readonly<Record<string, string>>) => {
  const all = { symbol: '"AAPL"', price: '150.25', volume: '100', timestamp: '1760106735.123', ...fields }
  return `{${Object.entries(all)
    .map(([name, text]) => `"${name}":${text}`)
    .join()}}`
}
const inBatch = (tick: string) => `{"symbol":"AAPL","source":"feed","sequence":7,"ticks":[${tick}]}`
const withSymbol = (symbol: string) =>
  JSON.stringify({ symbol, price: 1, volume: 1, timestamp: 1_760_106_735 })

const CASES: readonly (readonly [name: string, data: string, reason: string, says: RegExp, key?: string])[] =
  [
    ['no JSON', 'price up!', 'not-json', /not JSON \(.*\); send one JSON object/],
    ['an empty record', '', 'not-json', /not JSON/],
    ['bytes that are no text', '\u0000\u00ff', 'not-json', /not JSON/],
    ['a string', '"AAPL"', 'wrong-shape', /the record is "AAPL"/],
    ['null', 'null', 'wrong-shape', /the record is null/],
    ['an array of ticks', `[${GOOD}]`, 'wrong-shape', /the record is an array/],
    [
      'a price that is an object',
      single('"price":{}'),
      'wrong-shape',
      /price is \{\}: must be a JSON number/,
    ],
    [
      'a missing volume',
      '{"symbol":"AAPL","price":1,"timestamp":1760106735}',
      'wrong-shape',
      /volume is missing/,
    ],
    ['a symbol that is a number', single('"symbol":7'), 'wrong-shape', /symbol is 7: must be a string/],
    ['a price of NaN', single('"price":"NaN"'), 'bad-price', /price "NaN" is not a decimal number/],
    ['a bare NaN', single('"price":NaN'), 'bad-price', /price "NaN" is not a decimal number/],
    ['a bare word', single('"price":nan'), 'not-json', /not JSON/],
    ['a negative price', single('"price":-1.5'), 'bad-price', /price "-1.5" is negative/],
    ['a price of zero', single('"price":0.00'), 'bad-price', /price "0.00" is zero/],
    ['a negative volume', single('"volume":-1'), 'bad-volume', /volume "-1" is negative/],
    [
      '19 decimals',
      single('"price":1.0123456789012345678'),
      'bad-price',
      /"1.0123456789012345678" has more than 18 decimals/,
    ],
    ['a price too large to be one', single('"price":1e300'), 'bad-price', /"1e300" has more than 15 digits/],
    ['an empty symbol', withSymbol(''), 'bad-symbol', /symbol "" is not 1 to 64/, 'x'],
    [
      'a symbol of 200 characters',
      withSymbol('A'.repeat(200)),
      'bad-symbol',
      /"A{80}\.\.\."/,
      'A'.repeat(200),
    ],
    ['a symbol with quotes', withSymbol(`A'B"`), 'bad-symbol', /symbol "A'B\\"" is not/, `A'B"`],
    [
      'a symbol with control characters',
      withSymbol('A\u0007\n'),
      'bad-symbol',
      /symbol "A\\u0007\\n"/,
      'A\u0007\n',
    ],
    [
      'another partition key',
      GOOD,
      'partition-key',
      /symbol "AAPL" was put with partition key "MSFT"/,
      'MSFT',
    ],
    ['milliseconds', single('"timestamp":1760106735123'), 'future', /looks like milliseconds; send seconds/],
    [
      'milliseconds of 2013',
      single('"timestamp":1381190400000'),
      'future',
      /looks like milliseconds; send seconds/,
    ],
    [
      'microseconds',
      single('"timestamp":1760106735123000'),
      'future',
      /looks like microseconds; send seconds/,
    ],
    [
      'nanoseconds',
      single('"timestamp":1760106735123000000'),
      'future',
      /looks like nanoseconds; send seconds/,
    ],
    [
      'thousands of seconds',
      single('"timestamp":1760106.7'),
      'bad-timestamp',
      /"1760106.7" is before 1980: it looks like thousands of seconds; send seconds/,
    ],
    ['the epoch', single('"timestamp":0'), 'bad-timestamp', /timestamp "0" is before 1980/],
    // 2,000 levels overflow the stack of a main thread, 8,600 that of a worker.
    ...[33, 2000, 8600, 170_000].map(
      (depth) =>
        [
          `a trade in ${depth} objects`,
          `{"symbol":"AAPL","ticks":[${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}]}`,
          'wrong-shape',
          /lie in each other more than 32 deep, from character \d+ on; send/,
        ] as const,
    ),
    ['500,000 arrays', `[${'['.repeat(500_000)}`, 'wrong-shape', /more than 32 deep/],
    ['a quote', single('"type":"quote"'), 'bad-type', /type is "quote"; the stream takes trade, cancel and/],
    ['a key without a meaning', single('"size":1'), 'wrong-shape', /the key "size" has no meaning here/],
    ['an id that is no number', single('"id":"a"'), 'bad-id', /id is "a"; send the venue's number/],
    ['an id too large', single('"id":9007199254740993'), 'bad-id', /id is 9007199254740993/],
    ['a cancel without an id', single('"type":"cancel"'), 'bad-id', /a cancel names its trade by id/],
    [
      'a cancel in a batch',
      '{"symbol":"AAPL","type":"cancel","ticks":[[1760106735,1,1,7]]}',
      'bad-type',
      /send each cancel in a record of its own/,
    ],
    ['conditions without a tape', single('"conditions":["@"]'), 'bad-conditions', /the record names no tape/],
    [
      'a condition that no plan knows',
      single('"tape":"A","conditions":["?"]'),
      'bad-conditions',
      /condition "\?" is in no table of tape A/,
    ],
    ['a tape that there is not', single('"tape":"D"'), 'bad-conditions', /tape is "D"; send A, B or C/],
    ['a side that there is not', single('"side":"Buy"'), 'bad-side', /side is "Buy"; send "buy" or "sell"/],
    ['a side that is no text', single('"side":1'), 'bad-side', /side is 1; send "buy" or "sell"/],
    [
      'a side for all trades of a batch',
      '{"symbol":"AAPL","side":"buy","ticks":[[1760106735,1,1]]}',
      'wrong-shape',
      /the key "side" has no meaning here/,
    ],
    [
      'the future',
      single('"timestamp":1760106801'),
      'future',
      /lies 61 s past its arrival, 60 s are allowed/,
    ],
    ['1969', single('"timestamp":-86400'), 'bad-timestamp', /timestamp "-86400" is before 1980/],
    ['a date as text', single('"timestamp":"2025-10-10"'), 'bad-timestamp', /"2025-10-10" is not a number/],
    [
      'a record of 1 MB',
      single(`"price":"${'9'.repeat(1_000_000)}"`),
      'bad-price',
      /"9{80}\.\.\." has more than 15/,
    ],
    [
      'an empty batch',
      '{"symbol":"AAPL","ticks":[]}',
      'empty-batch',
      /ticks is empty; send at least one trade/,
    ],
    ['ticks that are no array', '{"symbol":"AAPL","ticks":7}', 'wrong-shape', /ticks is 7; send an array/],
    [
      'a batch of two symbols',
      '{"symbol":["A","B"],"ticks":[[1,1,1]]}',
      'wrong-shape',
      /symbol is \["A","B"\]: must be a string/,
    ],
    [
      'a negative sequence',
      '{"symbol":"AAPL","sequence":-1,"ticks":[[1,1,1]]}',
      'wrong-shape',
      /sequence is -1/,
    ],
    [
      'a sequence in text',
      '{"symbol":"AAPL","sequence":"7","ticks":[[1,1,1]]}',
      'wrong-shape',
      /sequence is "7": must be a whole JSON number/,
    ],
  ]

describe('the aggregator refuses', () => {
  it.each(CASES.map((each) => ({ name: each[0], each })))(
    '$name, says why, and takes its neighbours',
    ({ each }) => {
      const [, data, reason, says, partitionKey = 'AAPL'] = each
      const before = kinesisRecord({ data: GOOD, partitionKey: 'AAPL', sequence: 1, arrivedAt: ARRIVED })
      const bad = kinesisRecord({ data, partitionKey, sequence: 2, arrivedAt: ARRIVED })
      const after = kinesisRecord({ data: GOOD, partitionKey: 'AAPL', sequence: 3, arrivedAt: ARRIVED })
      const { runs, rejected } = decodeBatch([before, bad, after])
      expect(rejected).toHaveLength(1)
      expect(rejected[0]).toMatchObject({ record: bad, rejections: [{ reason, index: undefined }] })
      expect(rejected[0]?.rejections[0]?.detail).toMatch(says)
      expect([...runs].map(([symbol, { length }]) => [symbol, length])).toEqual([['AAPL', 2]])
    },
  )

  it('single ticks of a batch, and takes the others', () => {
    const data =
      '{"symbol":"AAPL","ticks":[[1760106735,1,1],[1760106735,-1,1],{"symbol":"MSFT","price":1},[1760106735,2],[1760106735,3,1e1]]}'
    const { runs, rejected } = decodeBatch([
      kinesisRecord({ data, partitionKey: 'AAPL', sequence: 1, arrivedAt: ARRIVED }),
    ])
    expect(rejected[0]?.rejections.map(({ reason, index, tick }) => [reason, index, tick])).toEqual([
      ['bad-price', 1, '[1760106735,-1,1]'],
      ['wrong-shape', 2, '{"symbol":"MSFT","price":1}'],
      ['wrong-shape', 3, '[1760106735,2]'],
    ])
    const trades = runs.get('AAPL')?.flatMap((run) => textsOf(run.trades))
    expect(trades).toEqual(['1760106735 0 1 1 -1 7', '1760106735 0 3 10 -1 7'])
  })
})

const parse = (data: string) =>
  parseTrades(data, { partitionKey: 'AAPL', arrivedAt: ARRIVED, allowsNonPositive: false })

describe('the aggregator takes', () => {
  it.each(['币安人生USDT', 'ES1!', 'BRK B', 'AAPL  251219C00250000', 'BRK.B', 'XBT/USD', 'ÄÖ-1'])(
    'the symbol %s',
    (symbol) => {
      const data = withSymbol(symbol)
      const record = kinesisRecord({ data, partitionKey: symbol, sequence: 1, arrivedAt: ARRIVED })
      const { runs, rejected } = decodeBatch([record])
      expect([[...runs.keys()], rejected]).toEqual([[symbol], []])
    },
  )

  it.each([
    ['"price":1257.6200000000001', '1257.6200000000001 100'],
    ['"volume":0.30000000000000004', '150.25 0.30000000000000004'],
    ['"price":0.1000000000000000055511151231257827021181583404541015625', '0.1 100'],
    ['"price":0.000007012', '0.000007012 100'],
    ['"volume":0.000000000000000001', '150.25 0.000000000000000001'],
  ])('%s exactly', (fields, amounts) => {
    const { trades, rejections } = parse(single(fields))
    expect([textsOf(trades), rejections]).toEqual([[`1760106735 123000000 ${amounts} -1 7`], []])
  })

  it('prices of zero and below where they are real', () => {
    const data = inBatch('[1587400080,0.02,1],[1587400081,-0.01,2],[1587400082,-37.63,3],[1587400083,0,1]')
    const record = kinesisRecord({ data, partitionKey: 'AAPL', sequence: 1, arrivedAt: ARRIVED })
    const read = (allows: boolean) =>
      groupTrades(
        parseBatch(
          [record],
          createTickParser([record], () => allows),
        ).readable,
      )
    expect(
      read(true)
        .runs.get('AAPL')
        ?.flatMap(({ trades }) => textsOf(trades)),
    ).toHaveLength(4)
    expect(read(false).rejected[0]?.rejections.map(({ index }) => index)).toEqual([1, 2, 3])
  })

  it('conditions, ids, lines, cancels and corrections, and what they mean', () => {
    const origin = { partitionKey: 'AAPL', arrivedAt: ARRIVED, allowsNonPositive: false }
    const batch = parseTrades(
      '{"symbol":"AAPL","source":"sip","line":"XNAS","contiguous":true,"tape":3,"ticks":[[1760106735,1,2,7,["@","I"]],[1760106735,1,2,8,["@"]],[1760106735,1,2,null,[2]]]}',
      origin,
    )
    expect(batch).toMatchObject({ line: { name: 'XNAS', isContiguous: true }, rejections: [] })
    expect(textsOf(batch.trades)).toEqual([
      '1760106735 0 1 2 7 4',
      '1760106735 0 1 2 8 7',
      '1760106735 0 1 2 -1 4',
    ])
    const cancel =
      '{"symbol":"AAPL","type":"cancel","id":7,"timestamp":1760106735,"price":19.99,"volume":250000}'
    expect(comparable(parseTrades(cancel, origin))).toMatchObject({
      type: 'cancel',
      trades: ['1760106735 0 19.99 250000 7 7'],
    })
    const correct =
      '{"symbol":"AAPL","type":"correct","id":7,"timestamp":1760106735,"price":2,"volume":3,"was":{"price":1,"volume":4}}'
    expect(comparable(parseTrades(correct, origin))).toMatchObject({
      type: 'correct',
      trades: ['1760106735 0 1 4 7 7'],
      replacements: [['1760106735 0 2 3 7 7']],
    })
  })
})

/** What the fast reader makes of a record; undefined when it leaves the record to the careful one. */
function scan(data: string, partitionKey = 'AAPL') {
  const bytes = Buffer.from(`${data}\0`)
  const scanner = new TradeScanner(new TradeBuffer(0))
  return scanner.scan(
    { bytes, start: 0, end: bytes.length - 1 },
    { partitionKey, arrivedAt: ARRIVED, allowsNonPositive: false },
  )
}

describe('the fast reader', () => {
  // It is asked only about records whose partition key is a symbol.
  const asked = CASES.filter(([, , reason]) => reason !== 'bad-symbol')

  it.each(asked.map((each) => ({ name: each[0], each })))(
    'leaves $name to the careful one',
    ({ each: [, data, , , partitionKey] }) => {
      expect(scan(data, partitionKey)).toBeUndefined()
    },
  )

  const FIELDS: readonly (readonly [name: 'price' | 'volume' | 'timestamp', text: string])[] = [
    ...['{}', '"NaN"', 'NaN', '-1.5', '0.00', '1.0123456789012345678', '1e300'].map(
      (text) => ['price', text] as const,
    ),
    ...['-1', '1.0123456789012345678', '1e300'].map((text) => ['volume', text] as const),
    ...(['price', 'volume'] as const).flatMap((name) =>
      [16, 17, 19, 20, 400].map((digits) => [name, '9'.repeat(digits)] as const),
    ),
    // One second past what is allowed, a year ahead, milliseconds, microseconds, nanoseconds.
    ...['1760106801', '1760106800.000001', '1791642740', '1760106735123', '1760106735123000'].map(
      (text) => ['timestamp', text] as const,
    ),
    ...['1760106735123000000', '-86400', '"2025-10-10"', '1760106735.1234567891'].map(
      (text) => ['timestamp', text] as const,
    ),
  ]

  it.each(FIELDS)('refuses the %s %s as the careful one does, alone and in a batch', (name, text) => {
    const tick = { timestamp: '1760106735.123', price: '150.25', volume: '100', [name]: text }
    const records = [plain({ [name]: text }), inBatch(`[${tick.timestamp},${tick.price},${tick.volume}]`)]
    for (const data of records) {
      expect(scan(data)).toBeUndefined()
      expect(textsOf(parse(data).trades)).toEqual([])
      expect(parse(data).rejections).toHaveLength(1)
    }
  })

  it.each([
    ['price', '9'.repeat(15)],
    ['price', '0.99999999999999'],
    ['volume', '9'.repeat(15)],
    ['volume', '99999999.9999999'],
    ['timestamp', '1760106800'],
    ['timestamp', '1760106735.123456789'],
  ] as const)('takes the %s %s, the last that is allowed, as the careful one does', (name, text) => {
    const tick = { timestamp: '1760106735.123', price: '150.25', volume: '100', [name]: text }
    const records = [plain({ [name]: text }), inBatch(`[${tick.timestamp},${tick.price},${tick.volume}]`)]
    for (const data of records) {
      expect(comparable(scan(data))?.trades).toHaveLength(1)
      expect(comparable(scan(data))).toEqual(comparable(parse(data)))
    }
  })
})
