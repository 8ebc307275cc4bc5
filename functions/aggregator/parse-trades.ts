import { isTape, type Tape, updatesOf } from '../domain/conditions.ts'
import {
  type Decimal,
  type DecimalFault,
  INTEGER_DIGITS,
  MAX_DECIMALS,
  parseDecimal,
} from '../domain/decimal.ts'
import type { Line } from '../domain/lines.ts'
import {
  EARLIEST_SECONDS,
  isSymbol,
  MAX_AHEAD_SECONDS,
  NO_ID,
  type Producer,
  type RunType,
  type Trade,
  type Trades,
  tradesOf,
  UPDATES,
} from '../domain/trade.ts'
import type { Rejection, RejectReason } from '../shared/dead-letters/rejection.ts'
import { formatExactJson, NumberText, parseExactJson } from '../shared/streams/exact-json.ts'
import { JsonDepthError } from '../shared/streams/json-depth.ts'

/** What a record of the stream `ticks` holds. */
export type ParsedRecord = {
  readonly symbol: string
  readonly producer: Producer | undefined
  readonly line: Line | undefined
  readonly type: RunType
  readonly trades: Trades
  /** Of a correction, the trades as they are now. */
  readonly replacements?: readonly Trades[]
  readonly rejections: readonly Rejection[]
  /** What else the record said of its trades, as it said it. */
  readonly said: Said
}

/** What a record says that the bars do not need, and the archive keeps. */
type Said = {
  readonly source: string | undefined
  readonly line: string | undefined
  readonly contiguous: boolean | undefined
  readonly tape: Tape | undefined
  /** JSON of the conditions of each trade, by place; undefined where none has any. */
  readonly conditions?: readonly (string | undefined)[] | undefined
}

export type RecordOrigin = {
  readonly partitionKey: string
  /** Unix milliseconds. */
  readonly arrivedAt: number
  /** Whether the symbol's prices may be zero or below. */
  readonly allowsNonPositive: boolean
}

/**
 * Reads a record of the stream `ticks`, and for each thing wrong in it says what, with which value, and what to do.
 *
 * This is the careful reader. The aggregator tries `TradeScanner` first, which reads only what is plain and right.
 */
export function parseTrades(text: string, origin: RecordOrigin): ParsedRecord {
  let json: unknown
  try {
    json = parseExactJson(text)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    if (error instanceof JsonDepthError)
      return refused('wrong-shape', `the record cannot be read: ${message}; ${EXPECTED}`)
    return refused('not-json', `the record is not JSON (${message}); send one JSON object`)
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json) || json instanceof NumberText)
    return refused(
      'wrong-shape',
      `the record is ${Array.isArray(json) ? 'an array' : show(json)}; ${EXPECTED}`,
    )
  const fields = new Map<string, unknown>(Object.entries(json))
  const isBatch = fields.has('ticks')
  try {
    refuseUnknownKeys(fields, isBatch ? BATCH_KEYS : TRADE_KEYS)
    const common = readCommon(fields, origin)
    return isBatch ? readBatch(fields, common, origin) : readSingle(fields, common, origin)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return refused(error.reason, error.detail)
  }
}

const COMMON_KEYS = ['symbol', 'source', 'sequence', 'line', 'contiguous', 'tape', 'type'] as const
/** Keys that a batch may have. */
const BATCH_KEYS: readonly string[] = [...COMMON_KEYS, 'ticks']
/** Keys that a record of one trade may have. */
const TRADE_KEYS: readonly string[] = [
  ...COMMON_KEYS,
  'timestamp',
  'price',
  'volume',
  'id',
  'conditions',
  'was',
]
const EXPECTED =
  'send {"symbol","price","volume","timestamp"} or {"symbol","source","sequence","ticks":[[timestamp,price,volume],...]}; docs/streams.md has all keys'

/** What a record says for all of its trades. */
type Common = {
  readonly symbol: string
  readonly producer: Producer | undefined
  /** As given; the source stands in for it. */
  readonly line: string | undefined
  readonly isContiguous: boolean
  readonly said: Omit<Said, 'conditions'>
  readonly tape: Tape | undefined
  readonly type: RunType
}

function readCommon(
  fields: ReadonlyMap<string, unknown>,
  { partitionKey }: Pick<RecordOrigin, 'partitionKey'>,
): Common {
  const symbol = textOf(fields, 'symbol')
  if (symbol === undefined) throw new Fault('wrong-shape', `symbol is missing; ${EXPECTED}`)
  if (!isSymbol(symbol))
    throw new Fault(
      'bad-symbol',
      `symbol ${quote(symbol)} is not 1 to 64 letters, digits, single spaces inside, or . _ : / ^ = + @ # $ & ! * ~ ' ( ) | % -`,
    )
  if (symbol !== partitionKey)
    throw new Fault(
      'partition-key',
      `symbol ${quote(symbol)} was put with partition key ${quote(partitionKey)}; put it with the symbol as partition key, since a symbol's order rests on it`,
    )
  const source = textOf(fields, 'source', { max: 64 })
  const sequence = wholeNumberOf(fields, 'sequence')
  const contiguous = fields.get('contiguous')
  if (contiguous !== undefined && typeof contiguous !== 'boolean')
    throw new Fault('wrong-shape', `contiguous is ${show(contiguous)}; send true or false`)
  const line = textOf(fields, 'line', { max: 64 })
  const tape = tapeOf(fields.get('tape'))
  return {
    symbol,
    producer: sequence === undefined ? undefined : { source: source ?? '', sequence },
    line: line ?? source,
    isContiguous: contiguous ?? false,
    tape,
    type: typeOf(fields.get('type')),
    said: { source, line, contiguous, tape },
  }
}

/** Massive numbers the tapes. */
const TAPE_NUMBERS: Readonly<Record<string, Tape>> = { 1: 'A', 2: 'B', 3: 'C' }

function tapeOf(given: unknown): Tape | undefined {
  if (given === undefined) return undefined
  const tape = given instanceof NumberText ? (TAPE_NUMBERS[given.text] ?? given.text) : given
  if (isTape(tape)) return tape
  throw new Fault('bad-conditions', `tape is ${show(given)}; send A, B or C, or 1, 2 or 3`)
}

function typeOf(given: unknown): RunType {
  if (given === undefined || given === 'trade') return 'trade'
  if (given === 'cancel' || given === 'correct') return given
  throw new Fault('bad-type', `type is ${show(given)}; the stream takes trade, cancel and correct`)
}

function refuseUnknownKeys(fields: ReadonlyMap<string, unknown>, known: readonly string[]): void {
  const unknown = [...fields.keys()].find((key) => !known.includes(key))
  if (unknown === undefined) return
  const missing = ['symbol', 'price', 'volume', 'timestamp'].find(
    (key) => known.includes(key) && !fields.has(key),
  )
  throw new Fault(
    'wrong-shape',
    missing === undefined
      ? `the key ${quote(unknown)} has no meaning here; leave it out: known are ${known.join(', ')}`
      : `${missing} is missing, and the key ${quote(unknown)} has no meaning here; ${EXPECTED}`,
  )
}

function readSingle(
  fields: ReadonlyMap<string, unknown>,
  common: Common,
  origin: RecordOrigin,
): ParsedRecord {
  const { symbol, producer, type } = common
  if (type !== 'trade') return readChange(fields, common, origin)
  if (fields.has('was')) throw new Fault('wrong-shape', 'was belongs to a correction; send "type":"correct"')
  const trade = readTrade(
    {
      timestamp: fields.get('timestamp'),
      price: fields.get('price'),
      volume: fields.get('volume'),
      id: fields.get('id'),
      conditions: fields.get('conditions'),
    },
    common,
    origin,
  )
  const trades = tradesOf([trade])
  const said = saidOf(common, [fields.get('conditions')])
  return { symbol, producer, line: lineOf(common, trades), type, trades, rejections: [], said }
}

/** With the conditions of the trades that were read. */
function saidOf({ said }: Common, conditions: readonly unknown[]): Said {
  const texts = conditions.map((given) =>
    given === undefined || given === null ? undefined : formatExactJson(given),
  )
  return texts.every((text) => text === undefined) ? said : { ...said, conditions: texts }
}

/** A cancel or correction. What it does not say of the trade as it was is not a number. */
function readChange(
  fields: ReadonlyMap<string, unknown>,
  common: Common,
  origin: RecordOrigin,
): ParsedRecord {
  const { symbol, producer, type } = common
  const id = fields.get('id')
  if (id === undefined) throw new Fault('bad-id', `id is missing; a ${type} names its trade by id`)
  const was = type === 'correct' ? fields.get('was') : Object.fromEntries(fields)
  const before = {
    id,
    timestamp: fields.get('timestamp'),
    conditions: fields.get('conditions'),
    ...pricesOf(was),
  }
  const trades = tradesOf([readTrade(before, common, origin, { mayLackPrices: true })])
  const after = { ...before, price: fields.get('price'), volume: fields.get('volume') }
  return {
    symbol,
    producer,
    line: lineOf(common, trades),
    type,
    trades,
    ...(type === 'correct' && { replacements: [tradesOf([readTrade(after, common, origin)])] }),
    rejections: [],
    said: saidOf(common, [fields.get('conditions')]),
  }
}

function pricesOf(was: unknown): { readonly price: unknown; readonly volume: unknown } {
  if (was === undefined) return { price: undefined, volume: undefined }
  if (typeof was !== 'object' || was === null || was instanceof NumberText)
    throw new Fault('wrong-shape', `was is ${show(was)}; send {"price","volume"} of the trade as it was`)
  const fields = new Map<string, unknown>(Object.entries(was))
  return { price: fields.get('price'), volume: fields.get('volume') }
}

function readBatch(fields: ReadonlyMap<string, unknown>, common: Common, origin: RecordOrigin): ParsedRecord {
  const { symbol, producer, type } = common
  if (type !== 'trade')
    throw new Fault('bad-type', `a batch has type ${type}; send each ${type} in a record of its own`)
  const entries: unknown = fields.get('ticks')
  if (!Array.isArray(entries))
    throw new Fault('wrong-shape', `ticks is ${show(entries)}; send an array of [timestamp, price, volume]`)
  if (entries.length === 0) throw new Fault('empty-batch', 'ticks is empty; send at least one trade')
  const read: Trade[] = []
  const conditions: unknown[] = []
  const rejections: Rejection[] = []
  for (const [index, entry] of entries.entries()) {
    try {
      read.push(readTuple(entry, { index, common, origin }))
      conditions.push(entry[4])
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      const { reason, detail } = error
      rejections.push({ reason, detail, index, tick: formatExactJson(entry), ...sentWithOf(common) })
    }
  }
  const trades = tradesOf(read)
  const said = saidOf(common, conditions)
  return { symbol, producer, line: lineOf(common, trades), type, trades, rejections, said }
}

/** What a trade of a batch needs to mean the same in a record of its own. */
function sentWithOf({ line, isContiguous, tape }: Common): Pick<Rejection, 'sentWith'> {
  const sentWith = {
    ...(line !== undefined && { line }),
    ...(isContiguous && { contiguous: true }),
    ...(tape !== undefined && { tape }),
  }
  return Object.keys(sentWith).length === 0 ? {} : { sentWith }
}

function readTuple(
  entry: unknown,
  {
    index,
    common,
    origin,
  }: { readonly index: number; readonly common: Common; readonly origin: RecordOrigin },
): Trade {
  if (!Array.isArray(entry) || entry.length < 3 || entry.length > 5)
    throw new Fault(
      'wrong-shape',
      `ticks[${index}] is ${show(entry)}; send [timestamp, price, volume], with id and conditions behind where there are any`,
    )
  const [timestamp, price, volume, id, conditions]: readonly unknown[] = entry
  return readTrade({ timestamp, price, volume, id: id ?? undefined, conditions }, common, origin)
}

type TradeFields = Readonly<Record<'timestamp' | 'price' | 'volume' | 'id' | 'conditions', unknown>>

function readTrade(
  fields: TradeFields,
  { tape }: Common,
  origin: RecordOrigin,
  { mayLackPrices = false }: { readonly mayLackPrices?: boolean } = {},
): Trade {
  const time = readTime(fields.timestamp, origin)
  const isUnknown = mayLackPrices && (fields.price === undefined || fields.volume === undefined)
  return {
    ...time,
    price: isUnknown ? UNKNOWN : readPrice(fields.price, origin),
    volume: isUnknown ? UNKNOWN : readAmount('volume', fields.volume),
    id: readId(fields.id),
    updates: readConditions(fields.conditions, tape),
  }
}

const UNKNOWN: Decimal = { units: Number.NaN, scale: 0 }

function readTime(
  given: unknown,
  { arrivedAt }: RecordOrigin,
): { readonly seconds: number; readonly nanos: number } {
  const text = numberTextOf('timestamp', given)
  const time = parseDecimal(text, { decimals: 9, integerDigits: 20 })
  if (typeof time === 'string')
    throw new Fault('bad-timestamp', `timestamp ${quote(text)} ${TIME_FAULTS[time]}; send Unix seconds`)
  const nanos = BigInt(time.units) * 10n ** BigInt(9 - time.scale)
  const seconds = Number(nanos / NANOS)
  const isAhead = seconds * 1000 + Number(nanos % NANOS) / 1e6 > arrivedAt + MAX_AHEAD_SECONDS * 1000
  if (isAhead)
    throw new Fault('future', `timestamp ${quote(text)} is in the future: ${unitHint(seconds, arrivedAt)}`)
  if (seconds < EARLIEST_SECONDS)
    throw new Fault(
      'bad-timestamp',
      `timestamp ${quote(text)} is before 1980: ${unitHint(seconds, arrivedAt)}`,
    )
  return { seconds, nanos: Number(nanos % NANOS) }
}

const NANOS = 1_000_000_000n
const TEN_YEARS = 10 * 365 * 86_400
const UNITS = [
  [1e-6, 'megaseconds'],
  [1e-3, 'thousands of seconds'],
  [1e3, 'milliseconds'],
  [1e6, 'microseconds'],
  [1e9, 'nanoseconds'],
] as const

/** What a time far from any that can be meant looks like, and what to do. */
function unitHint(seconds: number, arrivedAt: number): string {
  const now = arrivedAt / 1000
  const unit = UNITS.find(
    ([factor]) => seconds / factor > EARLIEST_SECONDS && seconds / factor < now + TEN_YEARS,
  )
  if (unit !== undefined) return `it looks like ${unit[1]}; send seconds`
  const away = Math.round(Math.abs(seconds - now))
  return seconds > now
    ? `it lies ${away} s past its arrival, ${MAX_AHEAD_SECONDS} s are allowed; check the clock`
    : `no trade is so old; send Unix seconds`
}

function readPrice(given: unknown, { allowsNonPositive }: RecordOrigin): Decimal {
  const price = readAmount('price', given)
  if (allowsNonPositive || price.units > 0) return price
  throw new Fault(
    'bad-price',
    `price ${quote(numberTextOf('price', given))} is ${price.units < 0 ? 'negative' : 'zero'}; send a positive price, or name the symbol in the setting nonPositivePrices where such prices are real`,
  )
}

function readAmount(name: 'price' | 'volume', given: unknown): Decimal {
  const reason = name === 'price' ? 'bad-price' : 'bad-volume'
  const text = numberTextOf(name, given)
  const amount = parseDecimal(text)
  if (typeof amount === 'string')
    throw new Fault(
      reason,
      `${name} ${quote(text)} ${AMOUNT_FAULTS[amount]}; send a decimal of up to ${INTEGER_DIGITS} digits and ${MAX_DECIMALS} decimals`,
    )
  if (name === 'volume' && amount.units < 0)
    throw new Fault(reason, `volume ${quote(text)} is negative; send what was traded, zero or more`)
  return amount
}

function readId(given: unknown): number {
  if (given === undefined) return NO_ID
  const text = given instanceof NumberText ? given.text : given
  const id = typeof text === 'string' && /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(id)) return id
  throw new Fault(
    'bad-id',
    `id is ${show(given)}; send the venue's number of the trade, a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`,
  )
}

function readConditions(given: unknown, tape: Tape | undefined): number {
  if (given === undefined || given === null) return UPDATES.all
  const list: readonly unknown[] = Array.isArray(given) ? given : [given]
  const conditions = list.map((each) => {
    if (each instanceof NumberText) return Number(each.text)
    if (typeof each === 'string') return each
    throw new Fault('bad-conditions', `conditions hold ${show(each)}; send codes as text, or numbers`)
  })
  if (conditions.length === 0) return UPDATES.all
  if (tape === undefined)
    throw new Fault(
      'bad-conditions',
      `conditions are ${show(given)}, and the record names no tape; send "tape":"A", "B" or "C", or leave the conditions out`,
    )
  const updates = updatesOf(tape, conditions)
  if ('unknown' in updates)
    throw new Fault(
      'bad-conditions',
      `condition ${quote(String(updates.unknown))} is in no table of tape ${tape}; docs/sale-conditions.md lists them`,
    )
  const { highLow, openClose, volume } = updates
  return (
    (highLow || openClose ? UPDATES.highLow : 0) |
    (openClose ? UPDATES.openClose : 0) |
    (volume ? UPDATES.volume : 0)
  )
}

/**
 * What conditions let a trade update, as bits of `UPDATES`.
 *
 * @param text their JSON, as a record that was read had it
 */
export function conditionUpdates(text: string, tape: Tape | undefined): number {
  return readConditions(parseExactJson(text), tape)
}

const AMOUNT_FAULTS: Record<DecimalFault, string> = {
  'not-a-number': 'is not a decimal number',
  'too-many-decimals': `has more than ${MAX_DECIMALS} decimals`,
  'too-large': `has more than ${INTEGER_DIGITS} digits before the point`,
}

const TIME_FAULTS: Record<DecimalFault, string> = {
  'not-a-number': 'is not a number',
  'too-many-decimals': 'has more than 9 decimals',
  'too-large': 'has more than 20 digits before the point',
}

/** A line only where a trade has an id: nothing else counts on it. */
function lineOf({ line = '', isContiguous }: Common, { hasIds }: Trades): Line | undefined {
  return hasIds ? { name: line, isContiguous } : undefined
}

/** The text of a JSON number, or of a string that may hold one. */
function numberTextOf(name: string, given: unknown): string {
  if (given instanceof NumberText) return given.text
  if (typeof given === 'string') return given
  if (given === undefined) throw new Fault('wrong-shape', `${name} is missing; ${EXPECTED}`)
  throw new Fault(
    'wrong-shape',
    `${name} is ${show(given)}: must be a JSON number or a decimal string; ${EXPECTED}`,
  )
}

function textOf(
  fields: ReadonlyMap<string, unknown>,
  name: string,
  { max = Infinity }: { readonly max?: number } = {},
): string | undefined {
  const given = fields.get(name)
  if (given === undefined) return undefined
  if (typeof given !== 'string')
    throw new Fault('wrong-shape', `${name} is ${show(given)}: must be a string; ${EXPECTED}`)
  if (given.length > max)
    throw new Fault(
      'wrong-shape',
      `${name} is ${quote(given)}: must have at most ${max} characters; ${EXPECTED}`,
    )
  return given
}

function wholeNumberOf(fields: ReadonlyMap<string, unknown>, name: string): number | undefined {
  const given = fields.get(name)
  if (given === undefined) return undefined
  const value = given instanceof NumberText ? Number(given.text) : Number.NaN
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw new Fault(
    'wrong-shape',
    `${name} is ${show(given)}: must be a whole JSON number from 0 to 2^53 - 1; ${EXPECTED}`,
  )
}

/** Thrown within this file only: what is wrong with a record or a trade. */
class Fault extends Error {
  readonly reason: RejectReason
  readonly detail: string
  constructor(reason: RejectReason, detail: string) {
    // A record may have a hundred thousand of them, and nobody sees their stacks, which take longer than all else.
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    super(detail)
    Error.stackTraceLimit = stackTraceLimit
    this.reason = reason
    this.detail = detail
  }
}

/** The trades of a text that `parseTrades` has read, each as it was sent: what is to be dead-lettered of it later. */
export function sentTrades(text: string): readonly Pick<Rejection, 'tick' | 'sentWith'>[] {
  const json = parseExactJson(text)
  const fields = new Map<string, unknown>(Object.entries(json ?? {}))
  const common = readCommon(fields, { partitionKey: textOf(fields, 'symbol') ?? '' })
  const ticks: unknown = fields.get('ticks') ?? [tupleOf(fields)]
  const entries: readonly unknown[] = Array.isArray(ticks) ? ticks : []
  return entries.map((entry) => ({ tick: formatExactJson(entry), ...sentWithOf(common) }))
}

/** A single trade as one of a batch. */
function tupleOf(fields: ReadonlyMap<string, unknown>): unknown[] {
  const tuple = ['timestamp', 'price', 'volume', 'id', 'conditions'].map((name) => fields.get(name) ?? null)
  while (tuple.at(-1) === null) tuple.pop()
  return tuple
}

/** A record of which nothing can be read. */
export function refused(reason: RejectReason, detail: string): ParsedRecord {
  return {
    symbol: '',
    producer: undefined,
    line: undefined,
    type: 'trade',
    trades: NO_TRADES,
    rejections: [{ reason, detail, index: undefined, tick: undefined }],
    said: NOTHING,
  }
}

const NOTHING: Said = { source: undefined, line: undefined, contiguous: undefined, tape: undefined }
const NO_TRADES = tradesOf([])
const MAX_SHOWN = 80

function quote(text: string): string {
  return JSON.stringify(shorten(text))
}

function show(value: unknown): string {
  return shorten(formatExactJson(value))
}

function shorten(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}...` : text
}
