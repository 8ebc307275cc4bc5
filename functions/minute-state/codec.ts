import * as z from 'zod'

import type { BarBuilder } from '../domain/bar-builder.ts'
import { numberText } from '../domain/decimal.ts'
import type { Gap, LineState } from '../domain/lines.ts'
import type { MinuteState, ShardPlace } from '../domain/minute-state.ts'
import { completenessBits, completenessOf, isPackedBar, type KeptBar, packBar } from '../domain/packed-bar.ts'
import { decodeFirstFormat } from './first-format.ts'

/**
 * The text of a symbol's state as it lies in DynamoDB: JSON of numbers in fixed places, because a table item of up to
 * 1 KB is one write unit, and because it is written with every batch. docs/state.md shows one.
 *
 * `[2, newest…, touched…, shards, producers, lines, changes, open, closed, outbox]`, the first the version of the format.
 * Times are seconds before the newest trade, or minutes before its minute, where they can be.
 */
export function encodeMinuteState(state: MinuteState): string {
  const { newest, touched, shards, producers, lines, changes, open, closed, outbox } = state
  const { seconds } = newest
  let text = `[${FORMAT},${seconds},${newest.nanos},${numberText(touched.arrivedAt)},${numberText(touched.lagMs)},${numberText(touched.delayMs)}`
  text += `,${list(shards, (place) => `[${shortShard(place.shard)},"${place.sequenceNumber}",${place.taken},${seconds - place.seconds}]`)}`
  text += `,${list(producers, (place) => `[${quoted(place.source)},${numberText(place.sequence)},${seconds - place.seconds}]`)}`
  text += `,${list(lines, (line) => JSON.stringify(encodeLine(line, seconds)))}`
  text += `,${list(changes, (each) => `[${quoted(each.line)},${each.id},"${each.change}",${seconds - each.seconds}]`)}`
  text += `,${open === undefined ? 0 : barText(open)},${list(closed, keptText)}`
  let bars = ''
  for (const { builder, closedAt } of outbox)
    bars += `${bars === '' ? '' : ','}[${numberText(closedAt)},${barText(builder)}]`
  return `${text},[${bars}]]`
}

/** A JSON array; written by hand as `JSON.stringify` of arrays made for it takes twice as long. */
function list<Each>(entries: readonly Each[], textOf: (each: Each) => string): string {
  let text = ''
  for (const each of entries) text += text === '' ? textOf(each) : `,${textOf(each)}`
  return `[${text}]`
}

function quoted(text: string): string {
  return JSON.stringify(text)
}

/**
 * The state that `encodeMinuteState` or an earlier release wrote, with what lies beside it in the item.
 *
 * @param beside.sequenceNumber written by earlier releases only
 *
 * @throws when the text is something else; the message says where
 */
export function decodeMinuteState(
  text: string,
  { keptFrom, sequenceNumber = '' }: { readonly keptFrom: number; readonly sequenceNumber?: string },
): MinuteState {
  const json: unknown = JSON.parse(text)
  const isFirst = Array.isArray(json) && json[0] !== FORMAT
  const first = isFirst ? decodeFirstFormat(json, { keptFrom, sequenceNumber }) : undefined
  if (first !== undefined) return first
  const parsed = stateSchema.safeParse(json)
  if (!parsed.success)
    throw new Error(`minute state ${text.slice(0, 80)}... cannot be read: ${z.prettifyError(parsed.error)}`)
  const [, seconds, nanos, arrivedAt, lagMs, delayMs, ...rest] = parsed.data
  const [shards, producers, lines, changes, open, closed, outbox] = rest
  return {
    shards: shards.map(([shard, sequence, taken, age]): ShardPlace => {
      return { shard: longShard(shard), sequenceNumber: sequence, taken, seconds: seconds - age }
    }),
    producers: producers.map(([source, sequence, age]) => ({ source, sequence, seconds: seconds - age })),
    lines: lines.map((line) => decodeLine(line, seconds)),
    changes: changes.map(([line, id, change, age]) => ({ line, id, change, seconds: seconds - age })),
    newest: { seconds, nanos },
    touched: { arrivedAt, lagMs, delayMs },
    open: open === 0 ? undefined : decodeBar(open),
    closed: closed.map((bar) => packBar(decodeBar(bar))),
    keptFrom,
    outbox: outbox.map(([closedAt, minute]) => ({ closedAt, builder: decodeBar(minute) })),
  }
}

const FORMAT = 2

const number = z.number()
/** A price: units, or the text of units that are no exact double; null or an empty text before there is one. */
const price = z.union([z.int(), z.string(), z.null()])
/** start, revision, count, open and close time, decimals, prices, volume, notional, completeness. */
const barSchema = z
  .tuple([
    ...([number, number, number] as const),
    ...([number, number, number, number] as const),
    ...([number, number] as const),
    ...([price, price, price, price] as const),
    ...([number, number, number] as const),
  ])
  .rest(z.string())
type BarTuple = z.infer<typeof barSchema>

/** name, whether contiguous, through, age of its minute, and four numbers for each gap. */
const lineSchema = z.tuple([z.string(), z.union([z.literal(0), z.literal(1)]), number, number]).rest(number)
type LineTuple = z.infer<typeof lineSchema>

const stateSchema = z.tuple([
  z.literal(FORMAT),
  number,
  number,
  number,
  number,
  number,
  z.array(z.tuple([z.union([number, z.string()]), z.string(), number, number])),
  z.array(z.tuple([z.string(), number, number])),
  z.array(lineSchema),
  z.array(z.tuple([z.string(), number, z.string(), number])),
  z.union([z.literal(0), barSchema]),
  z.array(barSchema),
  z.array(z.tuple([number, barSchema])),
])

const SHARD = 'shardId-'
const SHARD_DIGITS = 12

/** That of the last shard: a batch has one. */
let lastShard = { name: '', text: '""' }

/** The JSON of a shard: its number, where its name is as Kinesis gives it. */
function shortShard(shard: string): string {
  if (lastShard.name !== shard) {
    const short = Number(shard.slice(SHARD.length))
    lastShard = { name: shard, text: longShard(short) === shard ? String(short) : quoted(shard) }
  }
  return lastShard.text
}

function longShard(short: string | number): string {
  return typeof short === 'string' ? short : `${SHARD}${String(short).padStart(SHARD_DIGITS, '0')}`
}

const MINUTE = 60

function encodeLine({ name, isContiguous, through, minute, gaps }: LineState, newest: number): LineTuple {
  const newestMinute = Math.floor(newest / MINUTE)
  const ageOf = (start: number): number => newestMinute - start / MINUTE
  const tuple: LineTuple = [name, isContiguous ? 1 : 0, through, ageOf(minute)]
  let before = through
  // From the newest: its distances are short.
  for (const { first, last, fromMinute, toMinute } of gaps.toReversed()) {
    tuple.push(before - last, last - first, ageOf(toMinute), (toMinute - fromMinute) / MINUTE)
    before = first
  }
  return tuple
}

function decodeLine([name, contiguous, through, age, ...numbers]: LineTuple, newest: number): LineState {
  const newestMinute = Math.floor(newest / MINUTE)
  const gaps: Gap[] = []
  let before = through
  for (let index = 0; index + 3 < numbers.length; index += 4) {
    const [distance = 0, length = 0, toAge = 0, minutes = 0] = numbers.slice(index, index + 4)
    const last = before - distance
    const first = last - length
    const toMinute = (newestMinute - toAge) * MINUTE
    gaps.unshift({ first, last, fromMinute: toMinute - minutes * MINUTE, toMinute })
    before = first
  }
  return { name, isContiguous: contiguous === 1, through, minute: (newestMinute - age) * MINUTE, gaps }
}

function keptText(bar: KeptBar): string {
  if (!isPackedBar(bar)) return barText(bar)
  // Its places are those of the text.
  let text = numberText(bar[0] ?? 0)
  for (let place = 1; place < bar.length; place++) text += `,${plainText(bar[place] ?? 0)}`
  return `[${text}]`
}

function barText(bar: BarBuilder): string {
  const { exact, volumeCarry, notionalCarry } = bar
  const isCarried = volumeCarry !== 0n || notionalCarry !== 0n || exact !== undefined
  return (
    `[${bar.start},${bar.revision},${bar.count},${bar.openSecond},${bar.openNanos}` +
    `,${bar.closeSecond},${bar.closeNanos},${bar.priceScale},${bar.volumeScale}` +
    `,${exact === undefined ? plainPrices(bar) : exactPrices(exact)},${numberText(bar.volume)},${numberText(bar.notional)}` +
    `,${completenessBits(bar)}${isCarried ? `,"${volumeCarry}","${notionalCarry}"` : ''}]`
  )
}

function plainPrices({ open, high, low, close }: BarBuilder): string {
  return `${plainText(open)},${plainText(high)},${plainText(low)},${plainText(close)}`
}

/** A number as JSON has it: null for NaN, which stands for no price. */
function plainText(units: number): string {
  return Number.isNaN(units) ? 'null' : numberText(units)
}

function exactPrices({ open, high, low, close }: NonNullable<BarBuilder['exact']>): string {
  return [open, high, low, close].map((each) => `"${each ?? ''}"`).join()
}

function decodeBar(tuple: BarTuple): BarBuilder {
  const [start, revision, count, openAt, openNanos, closeAt, closeNanos, priceScale, volumeScale, ...rest] =
    tuple
  const [open, high, low, close, volume, notional, bits, volumeCarry, notionalCarry] = rest
  const isExact = [open, high, low, close].some((each) => typeof each === 'string')
  const exact = (each: number | string | null): bigint | undefined =>
    each === null || each === '' ? undefined : BigInt(each)
  const plain = (each: number | string | null): number => (typeof each === 'number' ? each : Number.NaN)
  return {
    start,
    revision,
    count,
    openSecond: openAt,
    openNanos,
    closeSecond: closeAt,
    closeNanos,
    priceScale,
    volumeScale,
    open: plain(open),
    high: plain(high),
    low: plain(low),
    close: plain(close),
    volume,
    volumeCarry: BigInt(volumeCarry ?? 0),
    notional,
    notionalCarry: BigInt(notionalCarry ?? 0),
    exact: isExact
      ? { open: exact(open), high: exact(high), low: exact(low), close: exact(close) }
      : undefined,
    ...completenessOf(bits),
  }
}
