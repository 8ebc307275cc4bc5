import { hashText, type Random, sfc32 } from '../../../feed/random.ts'

/** The parts whose workers are killed. */
const PARTS = ['aggregator', 'analytics', 'bar-writer', 'broadcaster', 'sweeper'] as const

/** What is done to a deployment. `share` in [0, 1) chooses among the shards that there are by then. */
export type Action =
  | { readonly type: 'kill-workers'; readonly part: (typeof PARTS)[number] }
  | { readonly type: 'kill-postgres'; readonly forMs: number }
  | { readonly type: 'freeze-postgres'; readonly forMs: number }
  | { readonly type: 'kill-runtime'; readonly forMs: number }
  | { readonly type: 'freeze-runtime'; readonly forMs: number }
  | { readonly type: 'reshard'; readonly stream: 'ticks' | 'bars'; readonly share: number }

/** An action and its time, in milliseconds from the start; it waits for the end of the one before. */
export type Step = { readonly atMs: number; readonly action: Action }

type Kind = Action['type']

/** How often each kind comes, compared with the others. */
const WEIGHTS: readonly (readonly [Kind, number])[] = [
  ['kill-workers', 8],
  ['reshard', 2],
  ['freeze-runtime', 2],
  ['kill-postgres', 2],
  ['freeze-postgres', 2],
  ['kill-runtime', 2],
]

/** Mean time from one action to the next; less in a short run, which is to have every kind too. */
const MEAN_GAP_MS = 6000
const LEAST_STEPS = 8

/** The actions of a run: the same seed gives the same ones. Each kind comes once before any comes again. */
export function makePlan({
  seed,
  milliseconds,
}: {
  readonly seed: number
  readonly milliseconds: number
}): Step[] {
  const [a, b] = hashText(`chaos ${seed}`)
  const random = sfc32([a, b, seed >>> 0, 1])
  const meanGap = Math.min(MEAN_GAP_MS, milliseconds / (LEAST_STEPS + 1))
  const first = shuffled(
    WEIGHTS.map(([kind]) => kind),
    random,
  )
  const steps: Step[] = []
  for (let atMs = meanGap; atMs < milliseconds; atMs += meanGap * (0.5 + random()))
    steps.push({ atMs: Math.round(atMs), action: actionOf(first[steps.length] ?? chosen(random), random) })
  return steps
}

/** `kill the workers of the aggregator`, for the screen. */
export function describeAction(action: Action): string {
  if (action.type === 'kill-workers') return `kill the workers of the ${action.part}`
  if (action.type === 'reshard') return `split or merge shards of ${action.stream}`
  return `${WORDS[action.type]} ${action.forMs} ms`
}

const WORDS = {
  'kill-postgres': 'kill Postgres, start it again after',
  'freeze-postgres': 'freeze the sessions of Postgres for',
  'kill-runtime': 'kill the whole runtime, start it again after',
  'freeze-runtime': 'freeze the whole runtime for',
} as const

function actionOf(type: Kind, random: Random): Action {
  if (type === 'kill-workers') return { type, part: PARTS[Math.floor(random() * PARTS.length)] ?? PARTS[0] }
  if (type === 'reshard') return { type, stream: random() < 0.5 ? 'ticks' : 'bars', share: random() }
  return { type, forMs: Math.round(200 + random() * 2800) }
}

function chosen(random: Random): Kind {
  let left = random() * WEIGHTS.reduce((sum, [, weight]) => sum + weight, 0)
  return WEIGHTS.find(([, weight]) => (left -= weight) < 0)?.[0] ?? 'kill-workers'
}

function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  return items
    .map((item) => ({ item, place: random() }))
    .toSorted((one, other) => one.place - other.place)
    .map(({ item }) => item)
}
