import { ANY_SHARD, type MinuteState } from '../../domain/minute-state.ts'
import { compareSequenceNumbers } from '../../domain/trade.ts'
import type { PutRecords } from '../streams/put-in-order.ts'
import type { StateStore } from '../dynamodb/state-store.ts'
import { asNewTicks, type NewRecord, REDRIVE } from './as-new-tick.ts'
import type { Bucket } from './bucket.ts'
import type { DeadLetter, LostRecord } from './dead-letter.ts'
import { finishJournal, type JournalRecord, writeJournal } from './journal.ts'

export type RedriveDeps = {
  readonly bucket: Bucket
  readonly put: PutRecords
  /** The minute state, which records what was applied. */
  readonly states: Pick<StateStore<MinuteState>, 'load'>
  readonly ticksStream: string
  /** Unix milliseconds. */
  readonly now: () => number
}

/** What to do with ticks of a failed batch that may have been applied all the same. */
export type Doubtful = 'leave' | 'assume-unapplied'

export type Redriven = {
  /** Records put, by stream. */
  readonly put: ReadonlyMap<string, number>
  /** Objects that were not redriven. */
  readonly left: readonly DeadLetter[]
}

/** Records journaled and put together. */
const RECORDS_AT_ONCE = 2000

/**
 * Puts dead letters back on their streams, those of a partition key in their old order, and deletes them.
 *
 *     write the journal ── put ── delete the objects ── delete the journal
 *
 * A batch that came again may have left the same rejection in two objects: it is put once.
 *
 * A redrive that finds a journal puts its records again: ticks have the sequence numbers of the journal and bars their
 * revisions, so that duplicates are recognised.
 */
export async function redrive(
  parts: RedriveDeps,
  letters: readonly DeadLetter[],
  doubtful: Doubtful,
): Promise<Redriven> {
  const put = new Map<string, number>()
  const finished = new Set(await finishJournal(parts, put))
  const left: DeadLetter[] = []
  let sequence = parts.now() * 1000
  for (const chunk of chunksOf(letters.filter(({ key }) => !finished.has(key)))) {
    const states = await statesOf(parts, chunk)
    const chosen = chunk.filter(
      (letter) => doubtful === 'assume-unapplied' || !isDoubtful(parts, letter, states),
    )
    left.push(...chunk.filter((letter) => !chosen.includes(letter)))
    if (chosen.length === 0) continue
    sequence = Math.max(sequence, ...[...states.values()].map(({ state }) => lastRedriven(state) + 1))
    const records = newRecords(parts, chosen, sequence)
    sequence += records.length
    await writeJournal(parts, { keys: chosen.map(({ key }) => key), records })
    await finishJournal(parts, put)
  }
  return { put, left }
}

type States = Awaited<ReturnType<RedriveDeps['states']['load']>>

async function statesOf(
  { states, ticksStream }: RedriveDeps,
  letters: readonly DeadLetter[],
): Promise<States> {
  const ticks = letters.filter(({ stream }) => stream === ticksStream)
  const symbols = ticks.flatMap(({ records }) => records.flatMap(symbolsOf))
  return await states.load([...new Set(symbols)])
}

/**
 * True when one of the ticks may have been applied: its batch failed as a whole, and its symbol has since applied a record
 * of the same or a higher sequence number.
 */
function isDoubtful({ ticksStream }: RedriveDeps, letter: DeadLetter, states: States): boolean {
  if (letter.kind === 'rejected' || letter.stream !== ticksStream) return false
  return letter.records.some((record) =>
    symbolsOf(record).some((symbol) => {
      const shards = states.get(symbol)?.state.shards ?? []
      const place = shards.find(({ shard }) => shard === letter.shard || shard === ANY_SHARD)
      return place !== undefined && compareSequenceNumbers(place.sequenceNumber, record.sequenceNumber) >= 0
    }),
  )
}

/** The symbols of a record, which are the partition keys that it is put with. */
function symbolsOf(record: LostRecord): readonly string[] {
  return asNewTicks(record, 0).map(({ partitionKey }) => partitionKey)
}

/** The records as they are put, in the order in which they were first put; ticks are numbered from `sequence` on. */
function newRecords(
  { ticksStream }: RedriveDeps,
  letters: readonly DeadLetter[],
  sequence: number,
): JournalRecord[] {
  const lost = new Map<string, { readonly stream: string; readonly record: LostRecord }>()
  for (const { stream, shard, kind, records } of letters)
    for (const record of records) {
      const place = `${stream} ${shard} ${kind} ${record.sequenceNumber} ${placeOf(record)}`
      if (!lost.has(place)) lost.set(place, { stream, record })
    }
  let next = sequence
  return [...lost.values()]
    .toSorted((a, b) => compareSequenceNumbers(a.record.sequenceNumber, b.record.sequenceNumber))
    .flatMap(({ stream, record }) => {
      if (stream !== ticksStream) return [{ stream, ...asItWas(record) }]
      const ticks = asNewTicks(record, next)
      next += ticks.length
      return ticks.map((tick) => ({ stream, ...tick }))
    })
}

/** Where in its record: a part of it by its place, records within it by their text. */
function placeOf({ content }: LostRecord): string {
  return content.type === 'tick' ? String(content.index) : Buffer.from(content.data).toString('base64')
}

/** The highest sequence number that a symbol has applied from a redrive: another machine's clock may be ahead. */
function lastRedriven({ producers }: MinuteState): number {
  return producers.find(({ source }) => source === REDRIVE)?.sequence ?? 0
}

function asItWas({ partitionKey, content }: LostRecord): NewRecord {
  return { partitionKey, data: content.type === 'record' ? content.data : Buffer.from(content.tick) }
}

/** Whole objects, enough of them for one journal; cut only where all that follows was put later. */
function* chunksOf(letters: readonly DeadLetter[]): Generator<DeadLetter[]> {
  let chunk: DeadLetter[] = []
  let records = 0
  let last = ''
  for (const letter of letters.toSorted((a, b) => compareSequenceNumbers(firstOf(a), firstOf(b)))) {
    if (records >= RECORDS_AT_ONCE && compareSequenceNumbers(firstOf(letter), last) > 0) {
      yield chunk
      chunk = []
      records = 0
    }
    chunk.push(letter)
    records += letter.records.length
    for (const { sequenceNumber } of letter.records)
      if (compareSequenceNumbers(sequenceNumber, last) > 0) last = sequenceNumber
  }
  if (chunk.length > 0) yield chunk
}

function firstOf({ records }: DeadLetter): string {
  return records[0]?.sequenceNumber ?? ''
}
