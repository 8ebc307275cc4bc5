import type { Sandbox } from './function-sandbox.ts'

type Use = {
  beganAt: number
  endedAt: number
  /** Share of the time that it was busy, in the last seconds. */
  load: number
}

/** Over so many milliseconds the load of a worker is averaged. */
const spanMs = 1000
/** A worker with a higher load gives up a shard that has to wait for it. */
const highLoad = 0.6
/** Two workers with a lower load together do with one. */
const lowLoad = 0.25

/** Which worker each shard goes to. Shards share a worker for as long as it has the time for them. */
export class ShardHomes {
  readonly #homes = new Map<string, Sandbox>()
  readonly #uses = new Map<Sandbox, Use>()

  /** The worker that had the shard before, unless it has ended. */
  of(shard: string): Sandbox | undefined {
    const home = this.#homes.get(shard)
    return home?.alive() === true ? home : undefined
  }

  has(sandbox: Sandbox): boolean {
    return [...this.#homes.values()].some((home) => home === sandbox)
  }

  hasTime(sandbox: Sandbox): boolean {
    return this.#load(sandbox) < highLoad
  }

  /** A worker begins an invocation, of a shard or of none. */
  begin(sandbox: Sandbox, shard: string | undefined): void {
    const now = performance.now()
    const use = this.#uses.get(sandbox)
    if (use === undefined) this.#uses.set(sandbox, { beganAt: now, endedAt: now, load: 0 })
    else use.beganAt = now
    if (shard !== undefined) this.#homes.set(shard, sandbox)
  }

  end(sandbox: Sandbox): void {
    const use = this.#uses.get(sandbox)
    if (use === undefined) return
    const now = performance.now()
    const span = now - use.endedAt
    if (span > 0) {
      const weight = 1 - Math.exp(-span / spanMs)
      use.load += weight * ((now - use.beganAt) / span - use.load)
    }
    use.endedAt = now
  }

  forget(sandbox: Sandbox): void {
    this.#uses.delete(sandbox)
    for (const [shard, home] of this.#homes) if (home === sandbox) this.#homes.delete(shard)
  }

  /** Gives the shards of the worker with the least load to the next one, if both have hardly any. */
  merge(): void {
    const [least, next] = [...new Set(this.#homes.values())]
      .map((home) => ({ home, load: this.#load(home) }))
      .toSorted((one, other) => one.load - other.load)
    if (least === undefined || next === undefined || least.load + next.load > lowLoad) return
    for (const [shard, home] of this.#homes) if (home === least.home) this.#homes.set(shard, next.home)
  }

  #load(sandbox: Sandbox): number {
    const use = this.#uses.get(sandbox)
    if (use === undefined) return 0
    const idleMs = Math.max(0, performance.now() - use.endedAt)
    return use.load * Math.exp(-idleMs / spanMs)
  }
}
