/** Which bars are wanted. Times are Unix milliseconds; `from` is included, `to` is not. */
export type Span = { readonly from: number; readonly to: number }

/** Bars of some symbols within a span, read with one statement. */
export type Read = Span & { readonly symbols: readonly string[] }

/** The order in which the bars of a symbol come. */
export type Direction = 'asc' | 'desc'

/** A place in the order of symbols, then times: the bars up to and with this one were given. */
export type Place = { readonly symbol: string; readonly time: number }

const MINUTE_MS = 60_000

/**
 * Cuts what is wanted, in the order in which it is given, into reads that each look at `maxMinutes` minutes of all their
 * symbols together, at the most. So no read takes long, and reading stops at the limit.
 *
 * @param spans the requested span of each symbol, in the order of symbols
 * @param options.groupOf symbols of different groups are not in one read
 */
export function* planReads(
  spans: ReadonlyMap<string, Span>,
  {
    direction,
    after,
    maxMinutes,
    groupOf = () => undefined,
  }: {
    direction: Direction
    after: Place | undefined
    maxMinutes: number
    groupOf?: ((symbol: string) => unknown) | undefined
  },
): Generator<Read, void, undefined> {
  const gathered = gather(restOf(spans, { direction, after }), { maxMinutes, groupOf })
  for (const read of gathered) yield* cut(read, direction, maxMinutes)
}

/** What is left of the spans behind a place. */
export function restOf(
  spans: ReadonlyMap<string, Span>,
  { direction, after }: { readonly direction: Direction; readonly after: Place | undefined },
): readonly Read[] {
  return [...spans]
    .map(([symbol, span]) => ({ symbols: [symbol], ...remaining(symbol, span, direction, after) }))
    .filter(
      ({ symbols: [symbol = ''], from, to }) => from < to && (after === undefined || symbol >= after.symbol),
    )
}

function remaining(symbol: string, span: Span, direction: Direction, after: Place | undefined): Span {
  if (after?.symbol !== symbol) return span
  return direction === 'asc'
    ? { from: Math.max(span.from, after.time + 1), to: span.to }
    : { from: span.from, to: Math.min(span.to, after.time) }
}

/** Puts neighbours with the same span into one read, while they are small. */
function gather(
  reads: readonly Read[],
  { maxMinutes, groupOf }: { readonly maxMinutes: number; readonly groupOf: (symbol: string) => unknown },
): Read[] {
  const gathered: Read[] = []
  for (const read of reads) {
    const last = gathered.at(-1)
    const isSame = last !== undefined && last.from === read.from && last.to === read.to
    const fits = isSame && groupOf(last.symbols[0] ?? '') === groupOf(read.symbols[0] ?? '')
    if (fits && minutesOf(last) + minutesOf(read) <= maxMinutes)
      gathered[gathered.length - 1] = { ...last, symbols: [...last.symbols, ...read.symbols] }
    else gathered.push(read)
  }
  return gathered
}

function* cut(read: Read, direction: Direction, maxMinutes: number): Generator<Read, void, undefined> {
  const step = maxMinutes * MINUTE_MS
  if (minutesOf(read) <= maxMinutes) yield read
  else if (direction === 'asc')
    for (let { from } = read; from < read.to; from += step)
      yield { ...read, from, to: Math.min(read.to, from + step) }
  else
    for (let { to } = read; to > read.from; to -= step)
      yield { ...read, from: Math.max(read.from, to - step), to }
}

function minutesOf({ symbols, from, to }: Read): number {
  return symbols.length * ((to - from) / MINUTE_MS)
}
