import { createReadStream } from 'node:fs'

import { readLines } from '../read-lines.ts'
import type { FeedTick } from '../tick.ts'

/** A trade of a file, with what orders it. */
export type PlacedTrade = {
  readonly tick: FeedTick
  /** Place of its file among those given. */
  readonly file: number
  /** Line or record in the file. */
  readonly place: number
  readonly order: number | undefined
  readonly identity: string | undefined
}

/** A trade while it is sorted. */
export type Item = PlacedTrade & {
  readonly seconds: number
  readonly nanos: number
  /** Counts the trades of a file as they were added. */
  readonly index: number
}

/** A trade as a line of a run. */
export function encodeItem({ tick, file, place, order, identity, index, seconds, nanos }: Item): string {
  const { symbol, timestamp, price, volume, id, line, conditions, tape, side } = tick
  return `${JSON.stringify([
    [seconds, nanos, file, place, index, order ?? null],
    [symbol, timestamp, price, volume],
    [id ?? null, conditions ?? null, tape ?? null, identity ?? null],
    line ?? null,
    side ?? null,
  ])}\n`
}

type Encoded = [
  [seconds: number, nanos: number, file: number, place: number, index: number, order: number | null],
  [symbol: string, timestamp: string, price: string, volume: string],
  [id: string | null, conditions: string | null, tape: string | null, identity: string | null],
  FeedTick['line'] | null,
  FeedTick['side'] | null,
]

/** The trades of a run, in its order, in pieces. */
export async function* readRun(file: string): AsyncGenerator<readonly Item[], void, undefined> {
  for await (const lines of readLines(createReadStream(file, { highWaterMark: 256 * 1024 })))
    yield lines.map(({ text }) => decodeItem(text))
}

function decodeItem(text: string): Item {
  // Written by `encodeItem` in this very process.
  const [numbers, texts, others, line, side]: Encoded = JSON.parse(text)
  const [seconds, nanos, file, place, index, order] = numbers
  const [symbol, timestamp, price, volume] = texts
  const [id, conditions, tape, identity] = others
  const tick: FeedTick = {
    symbol,
    timestamp,
    price,
    volume,
    id: id ?? undefined,
    line: line ?? undefined,
    conditions: conditions ?? undefined,
    tape: tape ?? undefined,
    side: side ?? undefined,
  }
  return {
    tick,
    file,
    place,
    index,
    order: order ?? undefined,
    identity: identity ?? undefined,
    seconds,
    nanos,
  }
}
