/** The number that Alpaca gives an error beside its HTTP status, whose first three digits it repeats. */
export function alpacaCode(status: number): number {
  return status * 100_000 + 10_000
}
