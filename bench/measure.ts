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
  readonly unit: Unit
  readonly aim?: Aim
}

/** A bound for the figure, in its unit; `=` where only one value is right. */
export type Aim = `${'<=' | '<' | '>=' | '='} ${number}`

/** Of these more is better, of all others less. */
const MORE_IS_BETTER = ['x', 'ticks/s', 'trades/s', 'bars/s', 'req/s', 'updates/s', 'clients'] as const
const LESS_IS_BETTER = [
  'ms',
  's',
  'us',
  'MB',
  'bytes',
  'B/trade',
  '% core',
  '%',
  'puts',
  'answers',
  'partitions',
  'writes',
] as const

export type Unit = (typeof MORE_IS_BETTER)[number] | (typeof LESS_IS_BETTER)[number]

export function isMoreBetter(unit: Unit): boolean {
  const more: readonly Unit[] = MORE_IS_BETTER
  return more.includes(unit)
}

/** `holds`: with a fifth to spare, since another machine may be slower by that; `barely`: reached, with less to spare. */
export type Verdict = 'holds' | 'barely' | 'missed'

const SPARE = 0.2

/** How a figure stands to its aim; undefined where it has none. */
export function judge({ value, aim }: Pick<Figure, 'value' | 'aim'>): Verdict | undefined {
  if (aim === undefined) return undefined
  const [sign, text] = aim.split(' ')
  const bound = Number(text)
  if (sign === '=') return value === bound ? 'holds' : 'missed'
  const [isReached, isSpared] =
    sign === '>='
      ? [value >= bound, value >= bound * (1 + SPARE)]
      : [value <= bound, value <= bound * (1 - SPARE)]
  return isSpared ? 'holds' : isReached ? 'barely' : 'missed'
}
