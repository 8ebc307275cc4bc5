import * as z from 'zod'

import type { BarBuilder } from '../domain/bar-builder.ts'
import { bigPower, MAX_DECIMALS } from '../domain/decimal.ts'
import { ANY_SHARD, type MinuteState } from '../domain/minute-state.ts'
import { packBar } from '../domain/packed-bar.ts'

const number = z.int()
/** start, revision, count, open, close, high, low, volume, notional, and two wide sums where they are in use. */
const minuteSchema = z
  .tuple([
    ...([number, number, number] as const),
    ...([number, number, number, number] as const),
    ...([number, number, number, number] as const),
    ...([number, number, number, number] as const),
    ...([number, number, number, number, number] as const),
  ])
  .rest(z.string())

const stateSchema = z.tuple([
  number,
  number,
  number,
  z.array(z.tuple([z.string(), number])),
  z.union([z.literal(0), minuteSchema]),
  z.array(minuteSchema),
  z.array(z.tuple([number, minuteSchema])),
  number.optional(),
])

/** What lay beside the text in the item. */
type Beside = { readonly sequenceNumber: string; readonly keptFrom: number }

/**
 * The state that releases 0.1 and 0.2 wrote, in which numbers had eight decimals; undefined when the JSON is something
 * else. It kept one sequence number for all shards.
 */
export function decodeFirstFormat(
  json: unknown,
  { sequenceNumber, keptFrom }: Beside,
): MinuteState | undefined {
  const { data } = stateSchema.safeParse(json)
  if (data === undefined) return undefined
  const [seconds, nanos, arrivedAt, producers, open, closed, outbox, taken = 0] = data
  return {
    shards: sequenceNumber === '' ? [] : [{ shard: ANY_SHARD, sequenceNumber, taken, seconds }],
    producers: producers.map(([source, sequence]) => ({ source, sequence, seconds })),
    lines: [],
    changes: [],
    newest: { seconds, nanos },
    touched: { arrivedAt, lagMs: 0, delayMs: 0 },
    open: open === 0 ? undefined : decodeMinute(open),
    closed: closed.map((minute) => packBar(decodeMinute(minute))),
    keptFrom,
    outbox: outbox.map(([closedAt, minute]) => ({ closedAt, builder: decodeMinute(minute) })),
  }
}

const DECIMALS = 8
/** As of `BarBuilder`: a sum or price beyond is no plain one. */
const LIMIT = 2n ** 52n

function decodeMinute(tuple: z.infer<typeof minuteSchema>): BarBuilder {
  const [start, revision, count, openAt, openNanos, openWhole, openPart, closeAt, closeNanos, ...rest] = tuple
  const [closeWhole, closePart, highWhole, highPart, lowWhole, lowPart, ...sums] = rest
  const [volumeWhole, volumePart, notional0, notional8, notional16, volumeWide = '0', notionalWide = '0'] =
    sums
  const prices = {
    open: unitsOf(openWhole, openPart),
    high: unitsOf(highWhole, highPart),
    low: unitsOf(lowWhole, lowPart),
    close: unitsOf(closeWhole, closePart),
  }
  const isExact = prices.high > LIMIT
  const decimals = isExact ? MAX_DECIMALS : DECIMALS
  const raise = bigPower(decimals - DECIMALS)
  const one = bigPower(DECIMALS)
  const volume = (unitsOf(volumeWhole, volumePart) + BigInt(volumeWide)) * raise
  const notional =
    (BigInt(notional0) * one * one + BigInt(notional8) * one + BigInt(notional16) + BigInt(notionalWide)) *
    raise *
    raise
  const plain = (units: bigint): number => (isExact ? Number.NaN : Number(units))
  return {
    start,
    revision,
    count,
    openSecond: openAt,
    openNanos,
    closeSecond: closeAt,
    closeNanos,
    priceScale: decimals,
    volumeScale: decimals,
    open: plain(prices.open),
    high: plain(prices.high),
    low: plain(prices.low),
    close: plain(prices.close),
    volume: volume > LIMIT ? 0 : Number(volume),
    volumeCarry: volume > LIMIT ? volume : 0n,
    notional: notional > LIMIT ? 0 : Number(notional),
    notionalCarry: notional > LIMIT ? notional : 0n,
    exact: isExact
      ? {
          open: prices.open * raise,
          high: prices.high * raise,
          low: prices.low * raise,
          close: prices.close * raise,
        }
      : undefined,
    uncounted: true,
    damaged: false,
    priceOnly: false,
    emptied: false,
    said: revision === 0 ? undefined : null,
  }
}

function unitsOf(whole: number, part: number): bigint {
  return BigInt(whole) * bigPower(DECIMALS) + BigInt(part)
}
