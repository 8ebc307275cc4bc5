const SECONDS_LENGTH = '2025-11-10T14:30:00'.length

/** Unix nanoseconds of a time in ISO 8601, UTC, of up to nine digits behind the seconds. */
export function nanosecondsOf(text: string): bigint {
  const seconds = Date.parse(`${text.slice(0, SECONDS_LENGTH)}Z`) / 1000
  const fraction = text.slice(SECONDS_LENGTH + 1, -1).padEnd(9, '0')
  return BigInt(seconds) * 1_000_000_000n + BigInt(fraction)
}
