import { threadCpuUsage } from 'node:process'

/** Characters of the smaller text. */
const SMALL = 16_384
/** The larger has so many times as many. */
const LARGER = 8
/** How many times as long the larger text may take: eight is linear, 64 quadratic. */
const ALLOWED = 28
/** Processor time that is too short to compare, in milliseconds. */
const NOISE_MS = 3

/** Processor time that no garbage explains, in milliseconds. */
const CERTAIN_MS = 2000

/** Text that grows: a piece, over and over, between two ends. */
export type Growing = { readonly before: string; readonly piece: string; readonly after: string }

/**
 * Reads a text and one eight times as long. Undefined when the processor time grows about as the length does, else what it
 * was. Compares processor time, which other processes on the machine do not change, and the best of several runs where the
 * first is suspicious, since one may hold a collection of garbage.
 *
 * @param length characters of the shorter text. @default 16,384
 */
export function superlinear(
  read: (text: string) => unknown,
  growing: Growing,
  length = SMALL,
): string | undefined {
  const small = textOf(growing, length)
  const large = textOf(growing, LARGER * length)
  let [shortMs, longMs] = [timeOf(read, small), timeOf(read, large)]
  for (let again = 0; again < 4 && longMs < CERTAIN_MS && isTooLong(shortMs, longMs); again++) {
    shortMs = Math.max(shortMs, timeOf(read, small))
    longMs = Math.min(longMs, timeOf(read, large))
  }
  if (!isTooLong(shortMs, longMs)) return undefined
  return `${small.length} characters take ${shortMs.toFixed(1)} ms, ${large.length} take ${longMs.toFixed(1)} ms: ${JSON.stringify(growing)}`
}

function isTooLong(shortMs: number, longMs: number): boolean {
  return longMs > ALLOWED * Math.max(shortMs, NOISE_MS)
}

function textOf({ before, piece, after }: Growing, length: number): string {
  return before + piece.repeat(Math.ceil(length / Math.max(1, piece.length))) + after
}

function timeOf(read: (text: string) => unknown, text: string): number {
  const before = threadCpuUsage()
  read(text)
  const { user, system } = threadCpuUsage(before)
  return (user + system) / 1000
}
