import * as z from 'zod'
import type { KinesisPort, PutRecord, PutResult } from '../../feed/kinesis-port.ts'
import type { FeedTick } from '../../feed/tick.ts'
import { jsonOf } from '../../functions/aggregator/unpack-record.ts'

/** A stream to publish to, a fake one or a real one, that the tests can read and disturb. */
export type StreamHarness = {
  readonly kinesis: KinesisPort
  readonly stream: string
  /** Makes the puts of single records fail as throttled while it returns true. */
  throttle(fails: (record: PutRecord) => boolean): void
  /** What lies on the stream; in order for each partition key. */
  read(): readonly PutRecord[]
  stop(): Promise<void>
}

const Text = z.union([z.string(), z.instanceof(Object).transform(String)])
const Record = z.strictObject({
  symbol: z.string(),
  source: z.string(),
  sequence: z.number(),
  ticks: z.array(z.tuple([Text, Text, Text])),
})

/** A record as a consumer reads it: every decimal as its text. */
export type ReadRecord = {
  readonly symbol: string
  readonly source: string
  readonly sequence: number
  readonly ticks: readonly FeedTick[]
  readonly text: string
}

class NumberText {
  readonly #text: string
  constructor(text: string) {
    this.#text = text
  }
  toString(): string {
    return this.#text
  }
}

/** Reads a record without losing digits. */
export function parseRecord({ data }: PutRecord): ReadRecord {
  const text = jsonOf(data)
  const json: unknown = JSON.parse(text, (key, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' && key !== 'sequence' ? new NumberText(context?.source ?? '') : value,
  )
  const { symbol, source, sequence, ticks } = Record.parse(json)
  const read = ticks.map(([timestamp, price, volume]) => ({ symbol, timestamp, price, volume }))
  return { symbol, source, sequence, ticks: read, text }
}

/** The records without exact repetitions; fails when two with the same number differ. */
export function withoutDuplicates(records: readonly PutRecord[]): ReadRecord[] {
  const seen = new Map<string, ReadRecord>()
  for (const record of records.map(parseRecord)) {
    const key = JSON.stringify([record.source, record.symbol, record.sequence])
    const before = seen.get(key)
    if (before !== undefined && before.text !== record.text) throw new Error(`Two records are number ${key}`)
    if (before === undefined) seen.set(key, record)
  }
  return [...seen.values()]
}

/** The ticks of each symbol, in order. */
export function bySymbol(ticks: readonly FeedTick[]): Map<string, FeedTick[]> {
  return Map.groupBy(ticks, (tick) => tick.symbol)
}

/** A port whose calls go wrong on the way: `before` the records get in, or `after`, when the answer is lost. */
export function unreliable(
  kinesis: KinesisPort,
  fate: (call: number) => 'fine' | 'lost-before' | 'lost-after',
): KinesisPort {
  const lost: PutResult = { type: 'unavailable', code: 'ECONNRESET', message: 'socket hang up' }
  let calls = 0
  return {
    putRecords: async (stream, records) => {
      const chosen = fate(calls++)
      if (chosen === 'lost-before') return lost
      const result = await kinesis.putRecords(stream, records)
      return chosen === 'lost-after' ? lost : result
    },
  }
}
