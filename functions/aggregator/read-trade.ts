import { type Tape, updatesOf } from '../domain/conditions.ts'
import {
  type Decimal,
  type DecimalFault,
  INTEGER_DIGITS,
  MAX_DECIMALS,
  parseDecimal,
} from '../domain/decimal.ts'
import { isTakerSide, type TakerSide } from '../domain/side.ts'
import { EARLIEST_SECONDS, MAX_AHEAD_SECONDS, NO_ID, type Trade, UPDATES } from '../domain/trade.ts'
import { NumberText, parseExactJson } from '../shared/streams/exact-json.ts'
import type { RecordOrigin } from './parsed-record.ts'
import type { Common } from './record-fields.ts'
import { EXPECTED, Fault, quote, show } from './record-fault.ts'

type TradeFields = Readonly<Record<'timestamp' | 'price' | 'volume' | 'id' | 'conditions', unknown>>

/**
 * A trade of JSON.
 *
 * @throws Fault when one of its fields is not what it has to be
 */
export function readTrade(
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
 * Who took the liquidity of a trade; undefined where it does not say.
 *
 * @throws Fault
 */
export function readSide(given: unknown): TakerSide | undefined {
  if (given === undefined || given === null) return undefined
  if (isTakerSide(given)) return given
  throw new Fault(
    'bad-side',
    `side is ${show(given)}; send "buy" or "sell", whoever took the liquidity, or leave it out`,
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
