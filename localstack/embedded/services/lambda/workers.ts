import { setTimeout as wait } from 'node:timers/promises'
import type { Sandbox } from './function-sandbox.ts'
import { createFairQueue } from './fair-queue.ts'
import { IdleWorkers } from './idle-workers.ts'
import { ShardHomes } from './shard-homes.ts'
import type { StartSlots } from './start-slots.ts'
import type { WorkerRules } from './worker-rules.ts'

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
 * them, and beyond a base only when nothing moves. Shards share a worker as long as it has the time. Workers that are idle end,
 * except for one and those that shards have; the last one ends after minutes.
 */
export class Workers {
  readonly #options: WorkersOptions
  readonly #all = new Set<Sandbox>()
  readonly #idle = new IdleWorkers((dead) => this.#retire(dead))
  readonly #homes = new ShardHomes()
  readonly #waiting = createFairQueue<(sandbox: Sandbox) => void>()
  readonly #loading = new Set<Sandbox>()
  /** Of those, started for what waits. */
  #loadingForWaiting = 0
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
      this.#homes.begin(sandbox, shard)
      return Promise.resolve(sandbox)
    }
    return new Promise((resolve) => {
      let isServed = false
      const serve = (free: Sandbox): void => {
        isServed = true
        this.#homes.begin(free, shard)
        resolve(free)
      }
      // Lambda has a worker for each shard, whatever clients ask: a shard has one batch at a time, and goes first.
      if (shard === undefined) this.#waiting.push(client, serve)
      else this.#waiting.pushUrgent(serve)
      if (this.#isShared(shard)) void this.#serveLater(shard, () => isServed)
      else this.#grow()
    })
  }

  /** Starts a worker before there is anything to do, unless there is one; resolves when it is loaded. */
  async warm(): Promise<void> {
    if (this.#all.size > 0) return
    const sandbox = this.#tryStart()
    if (sandbox === undefined) return
    this.#giveOnceLoaded(sandbox)
    await sandbox.loaded
  }

  /** Takes back a worker that has ended its invocation. */
  release(sandbox: Sandbox): void {
    this.#homes.end(sandbox)
    if (!sandbox.alive()) this.#retire(sandbox)
    this.#watchStall('anew')
    const next = this.#waiting.shift()
    if (next !== undefined) return next(sandbox.alive() ? sandbox : this.#start())
    if (!sandbox.alive()) return
    this.#idle.push(sandbox)
    this.#endIdleLater()
  }

  #isShared(shard: string | undefined): shard is string {
    return shard !== undefined && this.#options.hasAffinity
  }

  #now(shard: string | undefined): Sandbox | undefined {
    const { limit, hasAffinity, rules } = this.#options
    const home = this.#isShared(shard) ? this.#homes.of(shard) : undefined
    if (home !== undefined) {
      const idle = this.#idle.take((sandbox) => sandbox === home)
      return idle ?? (this.#homes.hasTime(home) ? undefined : this.#anyIdle())
    }
    if (shard === undefined) {
      const free = this.#idle.take((sandbox) => sandbox.alive() && !this.#homes.has(sandbox))
      if (free !== undefined) return free
    } else if (!hasAffinity && this.#all.size < Math.min(limit, rules.forShards)) return this.#start()
    // The first loads at once: whoever waits for it would wait longer for a slot.
    return this.#anyIdle() ?? (this.#all.size === 0 ? this.#start() : undefined)
  }

  /** Without affinity the one that has been idle for longest, so that the next batch of a shard meets another. */
  #anyIdle(): Sandbox | undefined {
    return this.#idle.takeAny(this.#options.hasAffinity ? 'latest' : 'longest idle')
  }

  /** Gives a shard's batch another worker when its own has no time for it. */
  async #serveLater(shard: string, isServed: () => boolean): Promise<void> {
    const home = this.#homes.of(shard)
    if (home === undefined || this.#homes.hasTime(home)) {
      // What a first batch takes, loading apart, tells nothing of the next.
      await Promise.all([...this.#loading].map(({ loaded }) => loaded))
      if (!isServed()) await wait(this.#options.rules.shareMs, undefined, { ref: false })
    }
    if (isServed()) return
    const idle = this.#anyIdle()
    const next = idle === undefined ? undefined : this.#waiting.shift()
    if (idle !== undefined && next !== undefined) next(idle)
    else this.#grow()
  }

  /** Starts workers for what waits, as far as that is allowed. */
  #grow(): void {
    const { rules, limit } = this.#options
    while (this.#waiting.size() > this.#loadingForWaiting && this.#all.size < Math.min(rules.base, limit))
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
    void sandbox.loaded.then(() => slots.giveBack())
    this.#giveOnceLoaded(sandbox)
    return true
  }

  /** Lets a new worker serve what waits by then. */
  #giveOnceLoaded(sandbox: Sandbox): void {
    this.#loadingForWaiting += 1
    void sandbox.loaded.then(() => {
      this.#loadingForWaiting -= 1
      this.release(sandbox)
    })
  }

  #watchStall(mode: 'anew' | 'if not yet'): void {
    if (mode === 'anew') {
      clearTimeout(this.#stalled)
      this.#stalled = undefined
    }
    if (this.#stalled !== undefined || this.#waiting.size() === 0) return
    this.#stalled = setTimeout(() => {
      this.#stalled = undefined
      if (this.#waiting.size() > this.#loadingForWaiting && this.#all.size < this.#options.limit)
        this.#startOneMore()
      this.#watchStall('if not yet')
    }, this.#options.rules.stallMs)
  }

  #endIdleLater(): void {
    if (this.#ending !== undefined || this.#idle.isEmpty()) return
    this.#ending = setTimeout(() => {
      this.#ending = undefined
      this.#endIdle()
      this.#endIdleLater()
    }, this.#options.rules.idleMs).unref()
  }

  #endIdle(): void {
    const { idleMs, lastIdleMs, forShards } = this.#options.rules
    this.#homes.merge()
    for (const sandbox of this.#idle.since(Date.now() - idleMs)) {
      const isLast = this.#all.size === 1
      if (isLast && !this.#idle.since(Date.now() - lastIdleMs).includes(sandbox)) continue
      if (!isLast && this.#homes.has(sandbox) && this.#all.size <= forShards) continue
      this.#idle.take((idle) => idle === sandbox)
      this.#retire(sandbox)
      void sandbox.terminate()
    }
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
    this.#loading.add(sandbox)
    void sandbox.loaded.then(() => this.#loading.delete(sandbox))
    return sandbox
  }

  #retire(sandbox: Sandbox): void {
    this.#homes.forget(sandbox)
    if (this.#all.delete(sandbox)) this.#options.onRetired(sandbox)
  }
}
