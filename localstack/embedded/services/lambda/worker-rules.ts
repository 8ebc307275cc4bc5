import { availableParallelism } from 'node:os'

export type WorkerRules = {
  /** Workers that are started while invocations wait, without asking whether they would help. */
  readonly base: number
  /** Workers that are kept for shards, and without affinity those that are started for them at once. */
  readonly forShards: number
  /** How long no invocation may have ended before there is one more, since those that run wait for something. */
  readonly stallMs: number
  /** How long a shard's batch waits for the worker that another one keeps busy. */
  readonly shareMs: number
  /** How long a worker may be idle. */
  readonly idleMs: number
  /** How long the last one of a function may be, which the next invocation would have to wait for. Lambda's ends after minutes too. */
  readonly lastIdleMs: number
}

export const standardRules: WorkerRules = {
  base: Math.max(4, availableParallelism()),
  forShards: 4,
  stallMs: 500,
  shareMs: 250,
  idleMs: 20_000,
  lastIdleMs: 300_000,
}
