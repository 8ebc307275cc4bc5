/** Milliseconds of the fastest of some rounds of each, taken in turn so that noise hits all alike. */
export async function fastest(
  contenders: Readonly<Record<string, () => unknown>>,
  rounds: number,
): Promise<Record<string, number>> {
  const best: Record<string, number> = {}
  for (let round = 0; round < rounds; round++)
    for (const [name, work] of Object.entries(contenders)) {
      const started = performance.now()
      await work()
      best[name] = Math.min(best[name] ?? Infinity, performance.now() - started)
    }
  return best
}

/** A measured figure beside what it aims at. */
export type Figure = {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly aim?: string
}
