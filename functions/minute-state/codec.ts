import * as z from 'zod'

import type { BarBuilder } from '../domain/bar-builder.ts'
import type { MinuteState } from '../domain/minute-state.ts'

/**
 * Encodes a symbol's state for DynamoDB: JSON of numbers in fixed places, because a table item of up to
 * 1 KB is one write unit, and because it is written with every batch.
 *
 * `[newestSeconds, newestNanos, touchedAt, producers, open, closed, outbox, taken]`, the last only while a record is applied
 * in chunks, a bar builder being
 * `[start, revision, count, open…, close…, high…, low…, volume…, notional…]` with the times of open and close as seconds
 * past the minute's start, and the two wide sums at the end only when they are in use. `docs/state.md` shows one.
 */
export function encodeMinuteState(state: MinuteState): string {
  const { newest, touchedAt, producers, open, closed, outbox, taken } = state
  return JSON.stringify([
    newest.seconds,
    newest.nanos,
    touchedAt,
    producers,
    open === undefined ? 0 : encodeBuilder(open),
    closed.map(encodeBuilder),
    outbox.map(({ builder, closedAt }) => [closedAt, encodeBuilder(builder)]),
    ...(taken === 0 ? [] : [taken]),
  ])
}

/**
 * Decodes what `encodeMinuteState` wrote, with the other attributes of the item.
 *
 * @throws when the text is not such a state; the message names the place
 */
export function decodeMinuteState(
  text: string,
  { sequenceNumber, keptFrom }: Pick<MinuteState, 'sequenceNumber' | 'keptFrom'>,
): MinuteState {
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
    open: open === 0 ? undefined : decodeBuilder(open),
    closed: closed.map(decodeBuilder),
    keptFrom,
    outbox: outbox.map(([closedAt, builder]) => ({ closedAt, builder: decodeBuilder(builder) })),
  }
}

const number = z.int()
const builderSchema = z
  .tuple([
    ...([number, number, number] as const),
    ...([number, number, number, number] as const),
    ...([number, number, number, number] as const),
    ...([number, number, number, number] as const),
    ...([number, number, number, number, number] as const),
  ])
  .rest(z.string())
type BuilderTuple = z.infer<typeof builderSchema>

const stateSchema = z.tuple([
  number,
  number,
  number,
  z.array(z.tuple([z.string(), number])),
  z.union([z.literal(0), builderSchema]),
  z.array(builderSchema),
  z.array(z.tuple([number, builderSchema])),
  number.optional(),
])

function encodeBuilder(builder: BarBuilder): BuilderTuple {
  const { start } = builder
  const plain: BuilderTuple = [
    start,
    builder.revision,
    builder.count,
    builder.openSeconds - start,
    builder.openNanos,
    builder.openInteger,
    builder.openFraction,
    builder.closeSeconds - start,
    builder.closeNanos,
    builder.closeInteger,
    builder.closeFraction,
    builder.highInteger,
    builder.highFraction,
    builder.lowInteger,
    builder.lowFraction,
    builder.volumeInteger,
    builder.volumeFraction,
    builder.notional0,
    builder.notional8,
    builder.notional16,
  ]
  const { volumeWide, notionalWide } = builder
  if (volumeWide > 0n || notionalWide > 0n) plain.push(volumeWide.toString(), notionalWide.toString())
  return plain
}

function decodeBuilder(tuple: BuilderTuple): BarBuilder {
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
