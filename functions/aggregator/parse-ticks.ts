import { type Decimal, type DecimalFault, DECIMALS, INTEGER_DIGITS, parseDecimal } from '../domain/decimal.ts'
import { isSymbol, MAX_AHEAD_SECONDS, type Producer, type Trade } from '../domain/trade.ts'
import type { Rejection, RejectReason } from '../shared/dead-letters/rejection.ts'
import {
  formatExactJson,
  parseExactJson,
  tickBatchSchema,
  tickSchema,
  tickTupleSchema,
} from '../shared/streams/tick-record.ts'

/** What a record of the stream `ticks` contains. */
export type ParsedRecord = {
  readonly symbol: string
  readonly producer: Producer | undefined
  readonly trades: readonly Trade[]
  readonly rejections: readonly Rejection[]
}

export type RecordOrigin = { readonly partitionKey: string; readonly arrivedAt: number }

/**
 * Reads a record of the stream `ticks`. A rejection names what was wrong, the value, and what to do.
 *
 * This is the careful reader. The aggregator tries `TickScanner` first, which reads only plain, valid records.
 */
export function parseTicks(text: string, origin: RecordOrigin): ParsedRecord {
  let json: unknown
  try {
    json = parseExactJson(text)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return refused('not-json', `the record is not JSON (${message}); send one JSON object`)
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    return refused(
      'wrong-shape',
      `the record is ${Array.isArray(json) ? 'an array' : show(json)}; send one JSON object`,
    )
  return 'ticks' in json ? parseBatch(json, origin) : parseSingle(json, origin)
}

function parseSingle(json: object, origin: RecordOrigin): ParsedRecord {
  const parsed = tickSchema.safeParse(json)
  if (!parsed.success) return refused('wrong-shape', shapeFault(parsed.error, json))
  const { symbol, timestamp, price, volume } = parsed.data
  const wrong = symbolFault(symbol, origin)
  if (wrong !== undefined) return refused(wrong.reason, wrong.detail)
  const tick = readTick([timestamp, price, volume], origin.arrivedAt)
  if ('reason' in tick) return { symbol, producer: undefined, trades: [], rejections: [ofRecord(tick)] }
  return { symbol, producer: undefined, trades: [tick], rejections: [] }
}

function parseBatch(json: object, origin: RecordOrigin): ParsedRecord {
  const parsed = tickBatchSchema.safeParse(json)
  if (!parsed.success) {
    const empty = 'ticks' in json && Array.isArray(json.ticks) && json.ticks.length === 0
    return refused(empty ? 'empty-batch' : 'wrong-shape', shapeFault(parsed.error, json))
  }
  const { symbol, source, sequence } = parsed.data
  const wrong = symbolFault(symbol, origin)
  if (wrong !== undefined) return refused(wrong.reason, wrong.detail)
  const ticks: Trade[] = []
  const rejections: Rejection[] = []
  for (const [index, entry] of parsed.data.ticks.entries()) {
    const tuple = tickTupleSchema.safeParse(entry)
    const tick = tuple.success
      ? readTick(tuple.data, origin.arrivedAt)
      : fault('wrong-shape', `ticks[${index}] is ${show(entry)}; send [timestamp, price, volume]`)
    if ('reason' in tick) rejections.push({ ...tick, index, tick: formatExactJson(entry) })
    else ticks.push(tick)
  }
  const producer = sequence === undefined ? undefined : { source: source ?? '', sequence }
  return { symbol, producer, trades: ticks, rejections }
}

function readTick(
  [timestamp, price, volume]: readonly [string, string, string],
  arrivedAt: number,
): Trade | Fault {
  const time = parseDecimal(timestamp, 9)
  if (typeof time === 'string')
    return fault('bad-timestamp', `timestamp ${quote(timestamp)} ${TIME_FAULTS[time]}; send Unix seconds`)
  if (isAhead(time, arrivedAt)) return fault('future', futureDetail(timestamp, arrivedAt))
  const paid = readAmount('price', price)
  if ('reason' in paid) return paid
  if (paid.integer === 0 && paid.fraction === 0)
    return fault('bad-price', `price ${quote(price)} is zero; send a positive price`)
  const size = readAmount('volume', volume)
  if ('reason' in size) return size
  return {
    seconds: time.integer,
    nanos: time.fraction,
    priceInteger: paid.integer,
    priceFraction: paid.fraction,
    volumeInteger: size.integer,
    volumeFraction: size.fraction,
  }
}

function isAhead(time: Decimal, arrivedAt: number): boolean {
  return time.integer * 1000 + time.fraction / 1e6 > arrivedAt + MAX_AHEAD_SECONDS * 1000
}

function futureDetail(timestamp: string, arrivedAt: number): string {
  const seconds = Number(timestamp)
  const unit = [1e3, 1e6, 1e9].find(
    (factor) => Math.abs(seconds / factor - arrivedAt / 1000) < 10 * 365 * 86_400,
  )
  const hint =
    unit === undefined
      ? `it lies ${Math.round(seconds - arrivedAt / 1000)} s past its arrival, ${MAX_AHEAD_SECONDS} s are allowed; check the clock`
      : `it looks like ${unit === 1e3 ? 'milliseconds' : unit === 1e6 ? 'microseconds' : 'nanoseconds'}; send seconds`
  return `timestamp ${quote(timestamp)} is in the future: ${hint}`
}

function readAmount(name: 'price' | 'volume', text: string): Decimal | Fault {
  const amount = parseDecimal(text)
  if (typeof amount !== 'string') return amount
  return fault(
    name === 'price' ? 'bad-price' : 'bad-volume',
    `${name} ${quote(text)} ${AMOUNT_FAULTS[amount]}; send a non-negative decimal of up to ${INTEGER_DIGITS} digits and ${DECIMALS} decimals`,
  )
}

const AMOUNT_FAULTS: Record<DecimalFault, string> = {
  'not-a-number': 'is not a decimal number',
  negative: 'is negative',
  'too-many-decimals': `has more than ${DECIMALS} decimals`,
  'too-large': `has more than ${INTEGER_DIGITS} digits before the point`,
}

const TIME_FAULTS: Record<DecimalFault, string> = {
  'not-a-number': 'is not a number',
  negative: 'is before 1970',
  'too-many-decimals': 'has more than 9 decimals',
  'too-large': `has more than ${INTEGER_DIGITS} digits before the point`,
}

function symbolFault(symbol: string, { partitionKey }: RecordOrigin): Fault | undefined {
  if (!isSymbol(symbol))
    return fault(
      'bad-symbol',
      `symbol ${quote(symbol)} is not 1 to 64 letters, digits or . _ : / ^ = + @ # $ & -`,
    )
  if (symbol !== partitionKey)
    return fault(
      'partition-key',
      `symbol ${quote(symbol)} was put with partition key ${quote(partitionKey)}; put it with the symbol as partition key, since a symbol's order rests on it`,
    )
  return undefined
}

function shapeFault(
  error: { issues: readonly { path: readonly PropertyKey[]; message: string }[] },
  json: object,
): string {
  const issue = error.issues[0]
  const name = issue?.path.map(String).join('.') ?? ''
  const value = Object.entries(json).find(([key]) => key === name.split('.')[0])
  if (value === undefined) return `${name === '' ? 'the record' : name} is missing; ${EXPECTED}`
  return `${name} is ${show(value[1])}: ${issue?.message ?? 'wrong'}; ${EXPECTED}`
}

const EXPECTED =
  'send {"symbol","price","volume","timestamp"} or {"symbol","source","sequence","ticks":[[timestamp,price,volume],...]}'

function refused(reason: RejectReason, detail: string): ParsedRecord {
  return { symbol: '', producer: undefined, trades: [], rejections: [ofRecord(fault(reason, detail))] }
}

type Fault = Pick<Rejection, 'reason' | 'detail'>

function fault(reason: RejectReason, detail: string): Fault {
  return { reason, detail }
}

function ofRecord(wrong: Fault): Rejection {
  return { ...wrong, index: undefined, tick: undefined }
}

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
