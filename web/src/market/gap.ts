/** A correction may be of a minute as old as the allowed lateness, 120 s by default; settings may allow more. */
const LATENESS_MS = 10 * 60_000
/** Symbols that one request may name. */
const MOST_SYMBOLS = 100
const FIRST_WAIT_MS = 1000
const LONGEST_WAIT_MS = 30_000

/** A time without a connection, in Unix milliseconds. */
export type Gap = { readonly from: number; readonly to: number }

/** Milliseconds until the next attempt, doubled each time. */
export function waitBefore(attempt: number): number {
  return Math.min(FIRST_WAIT_MS * 2 ** Math.max(0, attempt), LONGEST_WAIT_MS)
}

/** What to read of a gap: symbols by the hundred, and from which time on. */
export function repairRequests(
  gap: Gap,
  symbols: readonly string[],
): readonly { readonly symbols: readonly string[]; readonly start: string }[] {
  const start = new Date(gap.from - LATENESS_MS).toISOString()
  const sorted = [...new Set(symbols)].toSorted()
  return Array.from({ length: Math.ceil(sorted.length / MOST_SYMBOLS) }, (_, index) => ({
    symbols: sorted.slice(index * MOST_SYMBOLS, (index + 1) * MOST_SYMBOLS),
    start,
  }))
}

/** What the page says of a gap that it has filled. */
export function repairNotice(
  gap: Gap,
  { added, revised }: { readonly added: number; readonly revised: number },
): string {
  const bars = `${added} ${added === 1 ? 'bar' : 'bars'} and ${revised} ${revised === 1 ? 'correction' : 'corrections'}`
  return `The connection was lost for ${durationText(gap.to - gap.from)}. Read over REST: ${bars} of the time in between.`
}

/** `950 ms`, `34 s`, `5 min 2 s`, `3 h 10 min`, `2 d 4 h`. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return joined([minutes, 'min'], [seconds % 60, 's'])
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return joined([hours, 'h'], [minutes % 60, 'min'])
  return joined([Math.floor(hours / 24), 'd'], [hours % 24, 'h'])
}

function joined(...parts: readonly (readonly [number, string])[]): string {
  return parts
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ')
}
