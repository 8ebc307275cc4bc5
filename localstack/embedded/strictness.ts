/** How unkind the runtime is: as AWS may be, where by itself it is as quick as the machine. */
export type Strictness = {
  /** Decides what is not to be the same each time: which requests are throttled, who starts cold, when schedules fire. */
  readonly seed: number
  /** How often Lambda looks for records of a shard that it has read to the end. @default 1000 */
  readonly pollMs?: number
  /** Second at which schedules of whole minutes and hours fire, in milliseconds. @default another for each, by the seed */
  readonly scheduleOffsetMs?: number
  /** Share of invocations after which the worker ends, so that the next one starts cold. @default 0.02 */
  readonly coldStarts?: number
  /** Share of requests to DynamoDB and SNS, of statements in them, and of records put to Kinesis that are throttled. @default 0.01 */
  readonly throttled?: number
}

/** What comes of it for the services. A runtime that is not strict has none. */
export type Strict = {
  readonly pollMs: number
  /** Milliseconds after the minute at which a schedule fires, by its name. */
  readonly scheduleOffsetMs: (name: string) => number
  readonly endsWorker: () => boolean
  readonly throttles: () => boolean
}

const minuteMs = 60_000

export function strictOf(given: Strictness): Strict {
  const { seed, pollMs = 1000, scheduleOffsetMs, coldStarts = 0.02, throttled = 0.01 } = given
  const [cold, throttling] = [randomOf(seed), randomOf(seed + 1)]
  return {
    pollMs,
    scheduleOffsetMs: (name) => scheduleOffsetMs ?? Math.floor(randomOf(hashOf(name, seed))() * minuteMs),
    endsWorker: () => cold() < coldStarts,
    throttles: () => throttling() < throttled,
  }
}

/** Numbers from 0 to 1 that follow from a seed: mulberry32. https://github.com/cprosche/mulberry32 */
function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** FNV-1a. http://www.isthe.com/chongo/tech/comp/fnv/ */
function hashOf(text: string, seed: number): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash
}
