import type { KinesisStreamRecord } from 'aws-lambda'

import { countOf } from '../domain/trade.ts'
import type { Rejection } from '../shared/dead-letters/rejection.ts'
import { formatExactJson, parseExactJson } from '../shared/streams/exact-json.ts'
import type { ParsedRecord } from './parsed-record.ts'
import { readCommon, sentWithOf, textOf } from './record-fields.ts'
import { jsonOf, unpackRecord } from './unpack-record.ts'

/** A trade that could be read: its place among all that its record says, and the trade as it was sent. */
export type SentTrade = { readonly index: number } & Pick<Rejection, 'tick' | 'sentWith'>

/**
 * The places of the readable trades of a symbol in a record, between those that could not be read.
 *
 * @param items what was read from the record, in its order
 */
export function placesOf(items: readonly ParsedRecord[], symbol: string): number[] {
  const places: number[] = []
  let before = 0
  for (const item of items) {
    const { trades, rejections } = item
    const rejected = new Set(rejections.map(({ index }) => index))
    const end = before + countOf(trades) + rejections.length
    if (item.symbol === symbol)
      for (let place = before; place < end; place++) if (!rejected.has(place)) places.push(place)
    before = end
  }
  return places
}

/** Finds readable trades of a record by their place among those of their symbol. */
export function sentTradesOf(
  { kinesis }: KinesisStreamRecord,
  items: readonly ParsedRecord[],
): (symbol: string, place: number) => SentTrade {
  const bytes = Buffer.from(kinesis.data, 'base64')
  const texts = unpackRecord({ partitionKey: kinesis.partitionKey, bytes }).map((each) => jsonOf(each.bytes))
  const all = texts.flatMap((text, number): readonly Omit<SentTrade, 'index'>[] => {
    const item = items[number]
    if (item === undefined || countOf(item.trades) === 0) return item?.rejections ?? []
    // A cancel or correction is a record of its own, which it must stay.
    return item.type === 'trade' ? sentTrades(text) : [{ tick: text }]
  })
  const places = new Map<string, readonly number[]>()
  return (symbol, place) => {
    const ofSymbol = places.get(symbol) ?? placesOf(items, symbol)
    places.set(symbol, ofSymbol)
    const index = ofSymbol[place] ?? 0
    const { tick, sentWith } = all[index] ?? { tick: undefined }
    return { index, tick, ...(sentWith !== undefined && { sentWith }) }
  }
}

/** The trades of a text that `parseTrades` has read, each as it was sent: what is to be dead-lettered of it later. */
function sentTrades(text: string): readonly Pick<Rejection, 'tick' | 'sentWith'>[] {
  const json = parseExactJson(text)
  const fields = new Map<string, unknown>(Object.entries(json ?? {}))
  const common = readCommon(fields, { partitionKey: textOf(fields, 'symbol') ?? '' })
  const ticks: unknown = fields.get('ticks') ?? [tupleOf(fields)]
  const entries: readonly unknown[] = Array.isArray(ticks) ? ticks : []
  return entries.map((entry) => ({ tick: formatExactJson(entry), ...sentWithOf(common) }))
}

const TUPLE = ['timestamp', 'price', 'volume', 'id', 'conditions', 'side'] as const

/** A single trade as one of a batch. */
function tupleOf(fields: ReadonlyMap<string, unknown>): unknown[] {
  const tuple = TUPLE.map((name) => fields.get(name) ?? null)
  while (tuple.at(-1) === null) tuple.pop()
  return tuple
}
