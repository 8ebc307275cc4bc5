import { hashText, type Random, sfc32 } from '../../../feed/random.ts'

/** The parts whose workers are killed. */
const PARTS = ['aggregator', 'analytics', 'bar-writer', 'broadcaster', 'sweeper'] as const

/** The parts whose clocks are put forward and back. */
const CLOCKS = [...PARTS, 'api'] as const

/** What is done to a deployment. `share` in [0, 1) chooses among the shards that there are by then. */
export type Action =
  | { readonly type: 'kill-workers'; readonly part: (typeof PARTS)[number] }
  | { readonly type: 'kill-postgres'; readonly forMs: number }
  | { readonly type: 'freeze-postgres'; readonly forMs: number }
  | { readonly type: 'kill-runtime'; readonly forMs: number }
  | { readonly type: 'freeze-runtime'; readonly forMs: number }
  | { readonly type: 'fill-disk'; readonly forMs: number }
  /** Puts the clock of a part ahead, or behind by a negative number, and right again. */
  | {
      readonly type: 'jump-clock'
      readonly part: (typeof CLOCKS)[number]
      readonly aheadMs: number
      readonly forMs: number
    }
  /** The same of the clock of Kinesis, by which records arrive. */
  | { readonly type: 'jump-stream-clock'; readonly aheadMs: number; readonly forMs: number }
  | { readonly type: 'reshard'; readonly stream: 'ticks' | 'bars'; readonly share: number }

/** An action and its time, in milliseconds from the start; it waits for the end of the one before. */
export type Step = { readonly atMs: number; readonly action: Action }

export type Kind = Action['type']

/** How often each kind comes, compared with the others. */
const WEIGHTS: readonly (readonly [Kind, number])[] = [
  ['kill-workers', 8],
  ['jump-clock', 4],
  ['jump-stream-clock', 3],
  ['reshard', 2],
  ['freeze-runtime', 2],
  ['kill-postgres', 2],
  ['freeze-postgres', 2],
  ['kill-runtime', 2],
  ['fill-disk', 1],
]

/** A wrong clock is off by a second or more, and as often by seconds as by minutes. */
const LEAST_JUMP_MS = 1000

/** A short run is to have every kind too. */
const LEAST_STEPS = WEIGHTS.length + 2

export type PlanOptions = {
  readonly seed: number
  readonly milliseconds: number
  /** Mean time from one action to the next, at the most. @default 6000 */
  readonly meanGapMs?: number
  /** By how much a clock is wrong, at the most. @default five minutes */
  readonly mostJumpMs?: number
  /** What is not done. @default nothing is left out */
  readonly without?: readonly Kind[]
}

/** The actions of a run: the same seed gives the same ones. Each kind comes once before any comes again. */
export function makePlan({
  seed,
  milliseconds,
  meanGapMs = 6000,
  mostJumpMs = 300_000,
  without = [],
}: PlanOptions): Step[] {
  const [a, b] = hashText(`chaos ${seed}`)
  const random = sfc32([a, b, seed >>> 0, 1])
  const meanGap = Math.min(meanGapMs, milliseconds / (LEAST_STEPS + 1))
  const weights = WEIGHTS.filter(([kind]) => !without.includes(kind))
  const first = shuffled(
    weights.map(([kind]) => kind),
    random,
  )
  const steps: Step[] = []
  for (let atMs = meanGap; atMs < milliseconds; atMs += meanGap * (0.5 + random()))
    steps.push({
      atMs: Math.round(atMs),
      action: actionOf(first[steps.length] ?? chosen(weights, random), { random, mostJumpMs }),
    })
  return steps
}

/** `kill the workers of the aggregator`, for the screen. */
export function describeAction(action: Action): string {
  if (action.type === 'kill-workers') return `kill the workers of the ${action.part}`
  if (action.type === 'jump-clock' || action.type === 'jump-stream-clock') {
    const whose = action.type === 'jump-clock' ? action.part : 'streams'
    const seconds = (Math.abs(action.aheadMs) / 1000).toFixed(1)
    const direction = action.aheadMs < 0 ? 'back' : 'forward'
    return `put the clock of the ${whose} ${direction} by ${seconds} s for ${action.forMs} ms`
  }
  if (action.type === 'reshard') return `split or merge shards of ${action.stream}`
  return `${WORDS[action.type]} ${action.forMs} ms`
}

const WORDS = {
  'kill-postgres': 'kill Postgres, start it again after',
  'freeze-postgres': 'freeze the sessions of Postgres for',
  'kill-runtime': 'kill the whole runtime, start it again after',
  'freeze-runtime': 'freeze the whole runtime for',
  'fill-disk': 'fill the disk for',
} as const

function actionOf(
  type: Kind,
  { random, mostJumpMs }: { readonly random: Random; readonly mostJumpMs: number },
): Action {
  if (type === 'kill-workers') return { type, part: oneOf(PARTS, random) }
  if (type === 'reshard') return { type, stream: random() < 0.5 ? 'ticks' : 'bars', share: random() }
  const forMs = Math.round(200 + random() * 2800)
  if (type !== 'jump-clock' && type !== 'jump-stream-clock') return { type, forMs }
  const off = LEAST_JUMP_MS * (mostJumpMs / LEAST_JUMP_MS) ** random()
  const jump = { aheadMs: Math.round(random() < 0.5 ? off : -off), forMs: 2 * forMs }
  return type === 'jump-clock' ? { type, part: oneOf(CLOCKS, random), ...jump } : { type, ...jump }
}

function oneOf<Item>(items: readonly [Item, ...Item[]], random: Random): Item {
  return items[Math.floor(random() * items.length)] ?? items[0]
}

function chosen(weights: typeof WEIGHTS, random: Random): Kind {
  let left = random() * weights.reduce((sum, [, weight]) => sum + weight, 0)
  return weights.find(([, weight]) => (left -= weight) < 0)?.[0] ?? 'kill-workers'
}

function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  return items
    .map((item) => ({ item, place: random() }))
    .toSorted((one, other) => one.place - other.place)
    .map(({ item }) => item)
}
