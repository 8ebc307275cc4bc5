import { availableParallelism } from 'node:os'
import type { Sandbox } from './function-sandbox.ts'
import { createFairQueue } from './fair-queue.ts'
import type { StartSlots } from './start-slots.ts'

export type WorkerRules = {
  /** Workers that are started while invocations wait, without asking whether they would help. */
  readonly base: number
  /** How long no invocation may have ended before there is one more, since those that run wait for something. */
  readonly stallMs: number
  /** How long a worker may be idle. */
  readonly idleMs: number
}

export const standardRules: WorkerRules = {
  base: Math.max(4, availableParallelism()),
  stallMs: 500,
  idleMs: 20_000,
}

/** Up to so many workers, a shard gets one of its own rather than another's. */
const maxForAffinity = 4

export type WorkersOptions = {
  readonly start: () => Sandbox
  readonly onRetired: (sandbox: Sandbox) => void
  /** Workers at the most. */
  readonly limit: number
  /** Whether a shard goes to the worker that had it before. */
  readonly hasAffinity: boolean
  readonly slots: StartSlots
  readonly rules: WorkerRules
}

/**
 * The workers of one function. While invocations wait for one, more are started: as many as there are cores to load
 * them, and beyond a base only when nothing moves. Those that are idle end, except for one, and those that shards have.
 */
export class Workers {
  readonly #options: WorkersOptions
  readonly #all = new Set<Sandbox>()
  readonly #idle: { readonly sandbox: Sandbox; readonly since: number }[] = []
  /** The shard that each served last. */
  readonly #served = new WeakMap<Sandbox, string>()
  readonly #waiting = createFairQueue<(sandbox: Sandbox) => void>()
  #loading = 0
  #stalled: NodeJS.Timeout | undefined
  #ending: NodeJS.Timeout | undefined

  constructor(options: WorkersOptions) {
    this.#options = options
  }

  all(): readonly Sandbox[] {
    return [...this.#all]
  }

  /** A worker that is free, by and by. */
  acquire({
    shard,
    client,
  }: {
    readonly shard?: string | undefined
    readonly client: string
  }): Promise<Sandbox> {
    const sandbox = this.#now(shard)
    if (sandbox !== undefined) {
      if (shard !== undefined) this.#served.set(sandbox, shard)
      return Promise.resolve(sandbox)
    }
    return new Promise((resolve) => {
      this.#waiting.push(client, (free) => {
        if (shard !== undefined) this.#served.set(free, shard)
        resolve(free)
      })
      this.#grow()
    })
  }

  /** Takes back a worker that has ended its invocation. */
  release(sandbox: Sandbox): void {
    if (!sandbox.alive()) this.#retire(sandbox)
    this.#watchStall('anew')
    const next = this.#waiting.shift()
    if (next !== undefined) return next(sandbox.alive() ? sandbox : this.#start())
    if (!sandbox.alive()) return
    this.#idle.push({ sandbox, since: Date.now() })
    this.#endIdleLater()
  }

  #now(shard: string | undefined): Sandbox | undefined {
    const { limit, hasAffinity } = this.#options
    if (shard === undefined || hasAffinity) {
      const own = this.#idle.findIndex(
        ({ sandbox }) => sandbox.alive() && this.#served.get(sandbox) === shard,
      )
      if (own >= 0) return this.#idle.splice(own, 1)[0]?.sandbox
    }
    if (shard !== undefined && this.#all.size < Math.min(limit, maxForAffinity)) return this.#start()
    for (let sandbox = this.#anyIdle(); sandbox !== undefined; sandbox = this.#anyIdle()) {
      if (sandbox.alive()) return sandbox
      this.#retire(sandbox)
    }
    // The first loads at once: whoever waits for it would wait longer for a slot.
    return this.#all.size === 0 ? this.#start() : undefined
  }

  /** Without affinity the one that has been idle for longest, so that the next batch of a shard meets another. */
  #anyIdle(): Sandbox | undefined {
    return (this.#options.hasAffinity ? this.#idle.pop() : this.#idle.shift())?.sandbox
  }

  /** Starts workers for what waits, as far as that is allowed. */
  #grow(): void {
    const { rules, limit } = this.#options
    while (this.#waiting.size() > this.#loading && this.#all.size < Math.min(rules.base, limit))
      if (!this.#startOneMore()) return
    this.#watchStall('if not yet')
  }

  #startOneMore(): boolean {
    const { slots } = this.#options
    if (!slots.take(() => this.#grow())) return false
    const sandbox = this.#tryStart()
    if (sandbox === undefined) {
      slots.giveBack()
      return false
    }
    this.#loading += 1
    void sandbox.loaded.then(() => {
      this.#loading -= 1
      slots.giveBack()
      this.release(sandbox)
    })
    return true
  }

  #watchStall(mode: 'anew' | 'if not yet'): void {
    if (mode === 'anew') {
      clearTimeout(this.#stalled)
      this.#stalled = undefined
    }
    if (this.#stalled !== undefined || this.#waiting.size() === 0) return
    this.#stalled = setTimeout(() => {
      this.#stalled = undefined
      if (this.#waiting.size() > this.#loading && this.#all.size < this.#options.limit) this.#startOneMore()
      this.#watchStall('if not yet')
    }, this.#options.rules.stallMs)
  }

  #endIdleLater(): void {
    const [oldest] = this.#idle
    if (this.#ending !== undefined || oldest === undefined) return
    const { idleMs } = this.#options.rules
    this.#ending = setTimeout(() => {
      this.#ending = undefined
      this.#endIdle(Date.now() - idleMs)
    }, idleMs).unref()
  }

  #endIdle(before: number): void {
    for (const entry of this.#idle.filter(({ since }) => since <= before)) {
      const isKept =
        this.#all.size === 1 || (this.#served.has(entry.sandbox) && this.#all.size <= maxForAffinity)
      if (isKept) continue
      this.#idle.splice(this.#idle.indexOf(entry), 1)
      this.#retire(entry.sandbox)
      void entry.sandbox.terminate()
    }
    if (this.#idle.some(({ since }) => since > before)) this.#endIdleLater()
  }

  /** Undefined where the machine gives no more threads: those that there are go on. */
  #tryStart(): Sandbox | undefined {
    try {
      return this.#start()
    } catch {
      return undefined
    }
  }

  #start(): Sandbox {
    const sandbox = this.#options.start()
    this.#all.add(sandbox)
    return sandbox
  }

  #retire(sandbox: Sandbox): void {
    if (this.#all.delete(sandbox)) this.#options.onRetired(sandbox)
  }
}
