import { randomUUID } from 'node:crypto'
import { messageOf } from '../../errors.ts'
import { startSandbox } from './function-sandbox.ts'
import type { FunctionLogLine } from '../../log-line.ts'
import type { Affinity } from '../../service.ts'
import type { FunctionDefinition, Sandbox } from './function-sandbox.ts'
import type { InvocationResult } from './invocation.ts'

/** What a function has done since the runtime started, and holds now. */
export type FunctionFigures = {
  readonly invocations: number
  readonly errors: number
  readonly cpuMs: number
  readonly memoryBytes: number
}

/** Lambda's limit for the event of a synchronous invocation. */
const maxPayloadBytes = 6 * 1024 * 1024

/** A worker is a thread of this machine: far below Lambda's 1000, invocations wait for one to be free. */
const maxSandboxes = 64

/** Up to so many workers, a shard gets one of its own rather than another's. */
const maxForAffinity = 4

/** The warm workers of one function: one invocation each, more of them while invocations overlap. */
export class FunctionPool {
  readonly definition: FunctionDefinition
  readonly #onLine: (line: FunctionLogLine) => void
  readonly #sandboxes = new Set<Sandbox>()
  readonly #idle: Sandbox[] = []
  /** What each worker served last. */
  readonly #served = new WeakMap<Sandbox, string>()
  readonly #waiting: ((sandbox: Sandbox) => void)[] = []
  readonly #limit: number
  readonly #affinity: Affinity
  #invocations = 0
  #errors = 0
  #retiredCpuMs = 0

  constructor(
    definition: FunctionDefinition,
    onLine: (line: FunctionLogLine) => void,
    affinity: Affinity = 'shard',
  ) {
    this.definition = definition
    this.#affinity = affinity
    this.#onLine = onLine
    this.#limit = Math.min(definition.reservedConcurrency ?? maxSandboxes, maxSandboxes)
  }

  /**
   * Runs one invocation; waits for a free worker when all that are allowed are busy. Invocations of the same shard go to
   * the worker that served it last, whose warm caches are true; or each to another, without affinity.
   */
  async invoke(event: unknown, shard?: string): Promise<InvocationResult> {
    const payload = JSON.stringify(event ?? null)
    this.#invocations += 1
    const result = this.#refusal(payload) ?? (await this.#run(payload, shard))
    if (result.type === 'error') this.#errors += 1
    return result
  }

  /** Ends all workers at once; what is in flight becomes an error result. */
  async kill(): Promise<void> {
    await Promise.all([...this.#sandboxes].map((sandbox) => sandbox.terminate()))
  }

  async figures(): Promise<FunctionFigures> {
    const live = await Promise.all([...this.#sandboxes].map((sandbox) => sandbox.figures()))
    return {
      invocations: this.#invocations,
      errors: this.#errors,
      cpuMs: live.reduce((sum, { cpuMs }) => sum + cpuMs, this.#retiredCpuMs),
      memoryBytes: live.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
    }
  }

  #refusal(payload: string): InvocationResult | undefined {
    // UTF-8 takes at most 3 bytes a UTF-16 unit: most events need no count.
    const bytes = payload.length * 3 > maxPayloadBytes ? Buffer.byteLength(payload) : 0
    if (bytes > maxPayloadBytes) {
      return refused(
        'RequestEntityTooLargeException',
        `The event has ${bytes} bytes; ${maxPayloadBytes} are allowed.`,
      )
    }
    if (this.#limit > 0) return undefined
    return refused('TooManyRequestsException', `${this.definition.name} has a reserved concurrency of 0.`)
  }

  async #run(payload: string, shard: string | undefined): Promise<InvocationResult> {
    try {
      const sandbox = await this.#acquire(shard)
      if (shard !== undefined) this.#served.set(sandbox, shard)
      const result = await sandbox.invoke(payload)
      this.#release(sandbox)
      return result
    } catch (error) {
      // A worker does not start at all with, for example, NODE_OPTIONS that Node.js refuses.
      return refused('Runtime.ExitError', `Cannot start ${this.definition.name}: ${messageOf(error)}`)
    }
  }

  #acquire(shard: string | undefined): Promise<Sandbox> {
    const own = this.#takeIdle(shard)
    if (own !== undefined) return Promise.resolve(own)
    if (shard !== undefined && this.#sandboxes.size < Math.min(this.#limit, maxForAffinity))
      return Promise.resolve(this.#start())
    for (let sandbox = this.#anyIdle(); sandbox !== undefined; sandbox = this.#anyIdle()) {
      if (sandbox.alive()) return Promise.resolve(sandbox)
      this.#retire(sandbox)
    }
    if (this.#sandboxes.size < this.#limit) return Promise.resolve(this.#start())
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
    })
  }

  /** The worker that served a shard last, if it is free. */
  #takeIdle(shard: string | undefined): Sandbox | undefined {
    if (this.#affinity === 'none' && shard !== undefined) return undefined
    const warm = this.#idle.findIndex((sandbox) => sandbox.alive() && this.#served.get(sandbox) === shard)
    return warm < 0 ? undefined : this.#idle.splice(warm, 1)[0]
  }

  /** Without affinity the one that has been idle for longest, so that the next batch of a shard meets another. */
  #anyIdle(): Sandbox | undefined {
    return this.#affinity === 'none' ? this.#idle.shift() : this.#idle.pop()
  }

  #release(sandbox: Sandbox): void {
    if (!sandbox.alive()) this.#retire(sandbox)
    const next = this.#waiting.shift()
    if (next !== undefined) next(sandbox.alive() ? sandbox : this.#start())
    else if (sandbox.alive()) this.#idle.push(sandbox)
  }

  #start(): Sandbox {
    const sandbox = startSandbox(this.definition, this.#onLine)
    this.#sandboxes.add(sandbox)
    return sandbox
  }

  #retire(sandbox: Sandbox): void {
    if (this.#sandboxes.delete(sandbox)) this.#retiredCpuMs += sandbox.lastCpuMs()
  }
}

function refused(errorType: string, errorMessage: string): InvocationResult {
  return {
    type: 'error',
    requestId: randomUUID(),
    error: { errorType, errorMessage },
  }
}
