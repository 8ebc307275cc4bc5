import { deepStrictEqual } from 'node:assert'
import { crc32 } from 'node:zlib'

import fc from 'fast-check'

import { looksLikeJson, looksLikeNdjson } from '../../feed/files/json-table.ts'
import { isQuoteOpen, splitFields } from '../../feed/files/split-fields.ts'
import { secondsReader } from '../../feed/files/times.ts'
import { createTickParser } from '../../functions/aggregator/decode.ts'
import { groupTrades } from '../../functions/aggregator/group-trades.ts'
import { parseTrades } from '../../functions/aggregator/parse-trades.ts'
import { CompactScanner } from '../../functions/aggregator/scan-compact.ts'
import { TradeScanner } from '../../functions/aggregator/scan-trades.ts'
import { TradeBuffer } from '../../functions/aggregator/trade-buffer.ts'
import { unpackRecord, UnpackError } from '../../functions/aggregator/unpack-record.ts'
import { readCredential } from '../../functions/authorizer/credential.ts'
import { csvLine } from '../../functions/api/formats/csv.ts'
import { BadRequestError } from '../../functions/api/http/problem.ts'
import { placeTime, pageTokens } from '../../functions/api/page/page-token.ts'
import { scanIndicators } from '../../functions/bar-writer/indicator-row.ts'
import { decide } from '../../functions/broadcaster/decide.ts'
import { NO_SUBSCRIPTIONS } from '../../functions/broadcaster/subscriptions.ts'
import { parseDecimal } from '../../functions/domain/decimal.ts'
import { ScreenError } from '../../functions/domain/screen/expression.ts'
import { parseScreen } from '../../functions/domain/screen/parse-screen.ts'
import { isSymbol } from '../../functions/domain/trade.ts'
import { deadLetterKey } from '../../functions/shared/dead-letters/dead-letters.ts'
import { parseBatch } from '../../functions/shared/streams/consume.ts'
import { compactToJson } from '../../functions/shared/streams/compact-reader.ts'
import { CompactRecordError } from '../../functions/shared/streams/compact-record.ts'
import { barRecordSchema, minuteSchema, parseWritableRecord } from '../../functions/shared/streams/records.ts'
import { scanBar } from '../../functions/shared/streams/scan-bar.ts'
import { asNewTicks } from '../../functions/shared/dead-letters/as-new-tick.ts'
import { failureMessage } from '../../bin/terminal/failure-message.ts'
import { printable, printableLines } from '../../bin/terminal/printable.ts'
import { kinesisRecord } from '../support/kinesis-event.ts'
import { comparable } from '../support/trade-texts.ts'
import { askApi } from './api.ts'
import { ARRIVED, COMPACT, MESSAGES, PACKED, RECORDS, REQUESTS, SYMBOL, TICKS } from './corpus.ts'
import { FILES, readFile } from './files.ts'
import { superlinear } from './growth.ts'
import { mutated, mutatedBytes } from './mutations.ts'

/** Something that reads text from outside, and what must hold whatever the text is. */
export type Target = { readonly name: string; readonly property: fc.IRawProperty<[unknown]> }

const ORIGIN = { partitionKey: SYMBOL, arrivedAt: ARRIVED, allowsNonPositive: false }
const scanner = new TradeScanner(new TradeBuffer(0))
const compactScanner = new CompactScanner(new TradeBuffer(0))

/** Readers of one text each. */
export const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  'a record of ticks': (text) => {
    const records = [recordOf(text, 0)]
    return groupTrades(
      parseBatch(
        records,
        createTickParser(records, () => false),
      ).readable,
    )
  },
  'a record of bars or signals': (text) => parseBatch([recordOf(text, 0)], () => [parseWritableRecord(text)]),
  'a record of indicators': (text) => scanIndicators(text),
  'a message of a client': (text) => decide(NO_SUBSCRIPTIONS, text),
  'a decimal': (text) => parseDecimal(text),
  'a symbol': (text) => isSymbol(text),
  'a screen': (text) => readScreenText(text),
  'a record that is redriven': (text) =>
    asNewTicks(
      {
        partitionKey: SYMBOL,
        sequenceNumber: '1',
        arrivedAt: '',
        content: { type: 'record', data: Buffer.from(text) },
      },
      1,
    ),
  'what a request brings to show who calls': (text) => [
    readCredential({ headers: { authorization: text }, query: { apiKey: text }, tickets: false }),
    readCredential({ headers: { authorization: `Basic ${text}` }, query: {}, tickets: false }),
    readCredential({ headers: { authorization: `Bearer ${text}` }, query: {}, tickets: false }),
  ],
  'a page token': (text) => readToken(text),
  'a time': (text) => minuteSchema.safeParse(text),
  'a cell of a CSV': (text) => csvLine([text], 'quoted'),
  'a line of a CSV': (text) => [splitFields(text, ','), isQuoteOpen(text, ',')],
  'a time of a file': (text) => [
    secondsReader('ISO 8601', 'UTC')(text),
    secondsReader('ns', undefined)(text),
  ],
  'a beginning of JSON': (text) => [looksLikeJson(text), looksLikeNdjson(text)],
  'a line for the terminal': (text) => printableLines(printable(text)),
  'the message of an error': (text) => failureMessage(new Error(text)),
}

/** Reads a screen; one that is refused is read too. */
function readScreenText(text: string): unknown {
  try {
    return parseScreen(text, (name) => (name === 'doji' ? 'pattern' : 'value'))
  } catch (error) {
    if (error instanceof ScreenError) return error.message
    throw error
  }
}

const STARTS = [
  ...TICKS,
  ...RECORDS,
  ...MESSAGES,
  '',
  '{"symbol":"BRK.B","ticks":[',
  '{"symbol":"BRK.B","price":0.',
]
const PIECES = [
  '0',
  '9',
  ' ',
  '\n',
  '{}\n',
  '[',
  '{"a":',
  '"',
  '\\',
  ',',
  '[1760106735,0,1],',
  '-',
  'NaN,',
  '1,',
  '<',
  '=',
]
const ENDS = ['', '1', '"}', ']}', '}', '1,"volume":1,"timestamp":1760106735}']

export const TARGETS: readonly Target[] = [
  {
    name: 'the scanner of ticks reads as the careful reader does',
    property: fc.property(mutated(TICKS), (text) => {
      // Four bytes are read at once where so many lie behind a record that none is read past them.
      for (const behind of ['\0', '5'.repeat(300)]) {
        const bytes = Buffer.from(text + behind)
        const scanned = scanner.scan({ bytes, start: 0, end: bytes.length - behind.length }, ORIGIN)
        if (scanned !== undefined) same(comparable(scanned), comparable(parseTrades(text, ORIGIN)))
      }
    }),
  },
  {
    name: 'the fast reader of compact records reads as the careful one does, whatever has the right checksum',
    property: fc.property(mutatedBytes(COMPACT.map((each) => each.subarray(0, -4))), (bytes) => {
      const whole = withChecksum(bytes)
      const behind = Buffer.concat([whole, Buffer.alloc(1)])
      const scanned = compactScanner.scan({ bytes: behind, start: 0, end: whole.length }, ORIGIN)
      const json = jsonOfCompact(whole)
      if (scanned !== undefined) same(comparable(scanned), comparable(parseTrades(json ?? '', ORIGIN)))
    }),
  },
  {
    name: 'no record of ticks makes the reader fail or costs its neighbours',
    property: fc.property(mutatedBytes(PACKED), (bytes) => {
      const records = [TICKS[0], bytes, TICKS[1]].map((data, sequence) => recordOf(data ?? '', sequence))
      const { readable, unreadable } = parseBatch(
        records,
        createTickParser(records, () => false),
      )
      same(unreadable, [])
      const { rejected } = groupTrades(readable)
      for (const place of [0, 2])
        same(
          rejected.some(({ record }) => record === records[place]),
          false,
        )
      if (rejected.length > 0) deadLetterKey(rejected, 'unreadable')
    }),
  },
  {
    name: 'a packed record is unpacked within its bounds or refused',
    property: fc.property(mutatedBytes(PACKED), (bytes) => {
      try {
        const texts = unpackRecord({ partitionKey: SYMBOL, bytes })
        const size = texts.reduce((sum, each) => sum + each.bytes.length, 0)
        same(size <= 10 * 1024 * 1024 + bytes.length && texts.length > 0, true)
      } catch (error) {
        if (!(error instanceof UnpackError)) throw error
      }
    }),
  },
  {
    name: 'no record of bars and signals makes the reader fail',
    property: fc.property(mutated(RECORDS), (text) => {
      const parse = () => [parseWritableRecord(text)]
      const { readable, unreadable } = parseBatch([recordOf(text, 0)], parse)
      same(readable.length + unreadable.length, 1)
      for (const { fault, reason } of unreadable) same([fault, reason.length < 3000], [undefined, true])
    }),
  },
  {
    name: 'the scanner of bars reads as the careful reader does',
    property: fc.property(mutated(RECORDS), (text) => {
      const scanned = scanBar(text)
      if (scanned !== undefined) same(scanned, barRecordSchema.parse(JSON.parse(text)))
    }),
  },
  {
    name: 'the scanner of indicators reads as the careful reader does',
    property: fc.property(mutated(RECORDS), (text) => {
      const scanned = scanIndicators(text)
      if (scanned !== undefined)
        same({ ...scanned, values: JSON.parse(scanned.values) }, parseWritableRecord(text))
    }),
  },
  {
    name: 'each message of a client is answered',
    property: fc.property(mutated(MESSAGES), (text) => {
      const { answer } = decide(NO_SUBSCRIPTIONS, text)
      same(JSON.stringify(answer).length < 4 * text.length + 2000, true)
    }),
  },
  {
    name: 'each request to the API is answered, and by no fault of its own',
    property: fc.asyncProperty(mutated(REQUESTS), askApi),
  },
  {
    name: 'no file of trades makes its reader fail otherwise than by its name',
    property: fc.asyncProperty(mutatedBytes(FILES), readFile),
  },
  {
    name: 'the time to read grows with the length of the text and no faster',
    property: fc.property(
      fc.record({
        name: fc.constantFrom(...Object.keys(READERS)),
        before: mutated(STARTS),
        piece: mutated(PIECES),
        after: mutated(ENDS),
      }),
      ({ name, ...growing }) => {
        const slow = superlinear(READERS[name] ?? (() => undefined), growing)
        if (slow !== undefined) throw new Error(`${name}: ${slow}`)
      },
    ),
  },
]

function withChecksum(bytes: Uint8Array): Buffer {
  const checksum = Buffer.alloc(4)
  checksum.writeUInt32LE(crc32(bytes))
  return Buffer.concat([bytes, checksum])
}

/** What a compact record stands for; undefined for one that is refused. */
function jsonOfCompact(bytes: Uint8Array): string | undefined {
  try {
    return compactToJson(bytes)
  } catch (error) {
    if (error instanceof CompactRecordError) return undefined
    throw error
  }
}

function recordOf(data: string | Uint8Array, sequence: number) {
  const made = kinesisRecord({ data: '', partitionKey: SYMBOL, sequence, arrivedAt: ARRIVED })
  return { ...made, kinesis: { ...made.kinesis, data: Buffer.from(data).toString('base64') } }
}

const tokens = pageTokens(['fuzz'], placeTime)

function readToken(text: string): unknown {
  try {
    return tokens.decode(text)
  } catch (error) {
    if (error instanceof BadRequestError) return undefined
    throw error
  }
}

function same(found: unknown, expected: unknown): void {
  deepStrictEqual(found, expected)
}
