import type { Line } from '../domain/lines.ts'
import { sidesOf, type TakerSide } from '../domain/side.ts'
import { type Trade, type Trades, tradesOf } from '../domain/trade.ts'
import type { Rejection } from '../shared/dead-letters/rejection.ts'
import { formatExactJson, NumberText, parseExactJson } from '../shared/streams/exact-json.ts'
import { JsonDepthError } from '../shared/streams/json-depth.ts'
import { type ParsedRecord, type RecordOrigin, refused, type Said } from './parsed-record.ts'
import { readSide, readTrade } from './read-trade.ts'
import { EXPECTED, Fault, show } from './record-fault.ts'
import { type Common, readCommon, refuseUnknownKeys, sentWithOf } from './record-fields.ts'

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
  try {
    refuseUnknownKeys(fields)
    const common = readCommon(fields, origin)
    return fields.has('ticks') ? readBatch(fields, common, origin) : readSingle(fields, common, origin)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return refused(error.reason, error.detail)
  }
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
  const said = saidOf(common, [saidIn(fields)])
  return { symbol, producer, line: lineOf(common, trades), type, trades, rejections: [], said }
}

/** What a trade says that its bar does not need. */
type SaidOfTrade = { readonly conditions: unknown; readonly side: TakerSide | undefined }

function saidIn(fields: ReadonlyMap<string, unknown>): SaidOfTrade {
  return { conditions: fields.get('conditions'), side: readSide(fields.get('side')) }
}

/** With what the trades that were read say. */
function saidOf({ said }: Common, ofTrades: readonly SaidOfTrade[]): Said {
  const texts = ofTrades.map(({ conditions }) =>
    conditions === undefined || conditions === null ? undefined : formatExactJson(conditions),
  )
  const sides = sidesOf(ofTrades.map(({ side }) => side))
  return {
    ...said,
    ...(texts.some((text) => text !== undefined) && { conditions: texts }),
    ...(sides !== undefined && { sides }),
  }
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
    said: saidOf(common, [saidIn(fields)]),
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
  const ofTrades: SaidOfTrade[] = []
  const rejections: Rejection[] = []
  for (const [index, entry] of entries.entries()) {
    try {
      const { trade, ...said } = readTuple(entry, { index, common, origin })
      read.push(trade)
      ofTrades.push(said)
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      const { reason, detail } = error
      rejections.push({ reason, detail, index, tick: formatExactJson(entry), ...sentWithOf(common) })
    }
  }
  const trades = tradesOf(read)
  const said = saidOf(common, ofTrades)
  return { symbol, producer, line: lineOf(common, trades), type, trades, rejections, said }
}

function readTuple(
  entry: unknown,
  {
    index,
    common,
    origin,
  }: { readonly index: number; readonly common: Common; readonly origin: RecordOrigin },
): SaidOfTrade & { readonly trade: Trade } {
  if (!Array.isArray(entry) || entry.length < 3 || entry.length > 6)
    throw new Fault(
      'wrong-shape',
      `ticks[${index}] is ${show(entry)}; send [timestamp, price, volume], with id, conditions and side behind where there are any`,
    )
  const [timestamp, price, volume, id, conditions, side]: readonly unknown[] = entry
  const trade = readTrade({ timestamp, price, volume, id: id ?? undefined, conditions }, common, origin)
  return { trade, conditions, side: readSide(side) }
}

/** A line only where a trade has an id: nothing else counts on it. */
function lineOf({ line = '', isContiguous }: Common, { hasIds }: Trades): Line | undefined {
  return hasIds ? { name: line, isContiguous } : undefined
}
