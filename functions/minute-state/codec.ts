import * as z from 'zod'

import type { Minute } from '../domain/bar-builder.ts'
import type { SymbolState } from '../domain/minute-state.ts'

/**
 * The text of a symbol's state as it lies in DynamoDB: JSON of numbers in fixed places, because a table item of up to
 * 1 KB is one write unit, and because it is written with every batch.
 *
 * `[newestSeconds, newestNanos, touchedAt, producers, open, closed, outbox, taken]`, the last only while a record is taken
 * in parts, a minute being
 * `[start, revision, count, open…, close…, high…, low…, volume…, notional…]` with the times of open and close as seconds
 * past the minute's start, and the two wide sums at the end only when they are in use. `docs/state.md` shows one.
 */
export function encodeMinuteState(state: SymbolState): string {
  const { newest, touchedAt, producers, open, closed, outbox, taken } = state
  return JSON.stringify([
    newest.seconds,
    newest.nanos,
    touchedAt,
    producers,
    open === undefined ? 0 : encodeMinute(open),
    closed.map(encodeMinute),
    outbox.map(({ minute, closedAt }) => [closedAt, encodeMinute(minute)]),
    ...(taken === 0 ? [] : [taken]),
  ])
}

/**
 * The state that `encodeMinuteState` wrote, with what lies beside it in the item.
 *
 * @throws when the text is something else; the message says where
 */
export function decodeMinuteState(
  text: string,
  { sequenceNumber, keptFrom }: Pick<SymbolState, 'sequenceNumber' | 'keptFrom'>,
): SymbolState {
  const parsed = stateSchema.safeParse(JSON.parse(text))
  if (!parsed.success)
    throw new Error(`minute state ${text.slice(0, 80)}... cannot be read: ${z.prettifyError(parsed.error)}`)
  const [seconds, nanos, touchedAt, producers, open, closed, outbox, taken = 0] = parsed.data
  return {
    sequenceNumber,
    taken,
    producers,
    newest: { seconds, nanos },
    touchedAt,
    open: open === 0 ? undefined : decodeMinute(open),
    closed: closed.map(decodeMinute),
    keptFrom,
    outbox: outbox.map(([closedAt, minute]) => ({ closedAt, minute: decodeMinute(minute) })),
  }
}

const number = z.int()
const minuteSchema = z
  .tuple([
    ...([number, number, number] as const),
    ...([number, number, number, number] as const),
    ...([number, number, number, number] as const),
    ...([number, number, number, number] as const),
    ...([number, number, number, number, number] as const),
  ])
  .rest(z.string())
type MinuteTuple = z.infer<typeof minuteSchema>

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

function encodeMinute(minute: Minute): MinuteTuple {
  const { start } = minute
  const plain: MinuteTuple = [
    start,
    minute.revision,
    minute.count,
    minute.openSeconds - start,
    minute.openNanos,
    minute.openInteger,
    minute.openFraction,
    minute.closeSeconds - start,
    minute.closeNanos,
    minute.closeInteger,
    minute.closeFraction,
    minute.highInteger,
    minute.highFraction,
    minute.lowInteger,
    minute.lowFraction,
    minute.volumeInteger,
    minute.volumeFraction,
    minute.notional0,
    minute.notional8,
    minute.notional16,
  ]
  const { volumeWide, notionalWide } = minute
  if (volumeWide > 0n || notionalWide > 0n) plain.push(volumeWide.toString(), notionalWide.toString())
  return plain
}

function decodeMinute(tuple: MinuteTuple): Minute {
  const [start, revision, count, openAt, openNanos, openInteger, openFraction, closeAt, ...rest] = tuple
  const [
    closeNanos,
    closeInteger,
    closeFraction,
    highInteger,
    highFraction,
    lowInteger,
    lowFraction,
    ...sums
  ] = rest
  const [volumeInteger, volumeFraction, notional0, notional8, notional16, volumeWide, notionalWide] = sums
  return {
    start,
    revision,
    count,
    openSeconds: start + openAt,
    openNanos,
    openInteger,
    openFraction,
    closeSeconds: start + closeAt,
    closeNanos,
    closeInteger,
    closeFraction,
    highInteger,
    highFraction,
    lowInteger,
    lowFraction,
    volumeInteger,
    volumeFraction,
    notional0,
    notional8,
    notional16,
    volumeWide: BigInt(volumeWide ?? 0),
    notionalWide: BigInt(notionalWide ?? 0),
  }
}
