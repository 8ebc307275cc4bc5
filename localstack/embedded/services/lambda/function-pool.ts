import { randomUUID } from 'node:crypto'
import { messageOf, ResourceError } from '../../errors.ts'
import { createFunctionClock } from './function-clock.ts'
import type { FunctionClock } from './function-clock.ts'
import { startSandbox } from './function-sandbox.ts'
import type { FunctionLogLine } from '../../log-line.ts'
import type { Affinity } from '../../service.ts'
import type { FunctionDefinition } from './function-sandbox.ts'
import type { InvocationResult } from './invocation.ts'
import type { StartSlots } from './start-slots.ts'
import { Workers } from './workers.ts'
import type { WorkerRules } from './worker-rules.ts'

/** What a function has done since the runtime started, and holds now. */
export type FunctionFigures = {
  readonly invocations: number
  readonly errors: number
  readonly cpuMs: number
  readonly memoryBytes: number
  /** Threads, busy or idle. */
  readonly workers: number
}

/** A service of AWS that invokes, and the resource for which it does: the permissions of the function say which may. */
export type ServiceCaller = { readonly service: string; readonly sourceArn: string }

/** For whom an invocation is. */
export type InvocationOrigin = {
  /** Whose records the event holds; goes to the worker that had the shard before. */
  readonly shard?: string
  /** Clients take turns while invocations wait. @default one for all that have no name */
  readonly client?: string
  /** @default somebody who may invoke every function */
  readonly caller?: ServiceCaller
}

/** What the functions of a host share. */
export type SharedCapacity = {
  readonly slots: StartSlots
  readonly rules: WorkerRules
  /** Invocations that run or wait, and how many of them there may be. */
  concurrency: number
  readonly maxConcurrency: number
  /** Stops a worker's timers and sockets while it has nothing to do, as Lambda does. */
  readonly freezes: boolean
  /** Whether the clock of a function can be set; else it is the machine's. */
  readonly hasClocks: boolean
  /** Whether a worker ends after an invocation, so that the next one starts cold. */
  readonly endsWorker: () => boolean
}

export type FunctionPoolOptions = {
  readonly onLine: (line: FunctionLogLine) => void
  readonly affinity: Affinity
  readonly capacity: SharedCapacity
}

/** Lambda's limit for the event of a synchronous invocation. */
const maxPayloadBytes = 6 * 1024 * 1024

/** A worker is a thread of this machine: far below Lambda's 1000, invocations wait for one to be free. */
const maxWorkers = 64

/** One function: its invocations, one at a time in each of its workers. */
export class FunctionPool {
  readonly definition: FunctionDefinition
  readonly #clock: FunctionClock | undefined
  readonly #workers: Workers
  readonly #capacity: SharedCapacity
  readonly #limit: number
  #invocations = 0
  #errors = 0
  #retiredCpuMs = 0

  constructor(definition: FunctionDefinition, { onLine, affinity, capacity }: FunctionPoolOptions) {
    this.definition = definition
    this.#capacity = capacity
    this.#clock = capacity.hasClocks ? createFunctionClock() : undefined
    this.#limit = Math.min(definition.reservedConcurrency ?? maxWorkers, maxWorkers)
    this.#workers = new Workers({
      start: () => startSandbox(definition, onLine, { freezes: capacity.freezes, clock: this.#clock }),
      onRetired: (sandbox) => (this.#retiredCpuMs += sandbox.lastCpuMs()),
      limit: this.#limit,
      hasAffinity: affinity === 'shard',
      slots: capacity.slots,
      rules: capacity.rules,
    })
  }

  /** Runs one invocation; waits for a free worker when all that are allowed are busy. */
  async invoke(event: unknown, origin: InvocationOrigin): Promise<InvocationResult> {
    const payload = JSON.stringify(event ?? null)
    this.#invocations += 1
    const result = this.#refusal(payload, origin) ?? (await this.#run(payload, origin))
    if (result.type === 'error') this.#errors += 1
    return result
  }

  /** Starts a worker, if the function may run at all; resolves when it is loaded. */
  async warm(): Promise<void> {
    if (this.#limit > 0) await this.#workers.warm()
  }

  /** Puts the clock of all its workers, those to come among them, ahead of the machine's. */
  setClock(aheadMs: number): void {
    if (this.#clock === undefined)
      throw new ResourceError(
        `The clock of ${this.definition.name} is the machine's: start with clocks: 'own'.`,
      )
    this.#clock.set(aheadMs)
  }

  /** Ends all workers at once; what is in flight becomes an error result. */
  async kill(): Promise<void> {
    await Promise.all(this.#workers.all().map((sandbox) => sandbox.terminate()))
  }

  async figures(): Promise<FunctionFigures> {
    const live = await Promise.all(this.#workers.all().map((sandbox) => sandbox.figures()))
    return {
      invocations: this.#invocations,
      errors: this.#errors,
      cpuMs: live.reduce((sum, { cpuMs }) => sum + cpuMs, this.#retiredCpuMs),
      memoryBytes: live.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
      workers: live.length,
    }
  }

  #refusal(payload: string, { shard }: InvocationOrigin): InvocationResult | undefined {
    // UTF-8 takes at most 3 bytes a UTF-16 unit: most events need no count.
    const bytes = payload.length * 3 > maxPayloadBytes ? Buffer.byteLength(payload) : 0
    if (bytes > maxPayloadBytes) {
      return refused(
        'RequestEntityTooLargeException',
        `The event has ${bytes} bytes; ${maxPayloadBytes} are allowed.`,
      )
    }
    if (this.#limit === 0)
      return refused('TooManyRequestsException', `${this.definition.name} has a reserved concurrency of 0.`)
    // The batches of a shard are one at a time anyway, and a refused one would count as tried.
    if (shard !== undefined || this.#capacity.concurrency < this.#capacity.maxConcurrency) return undefined
    return refused('TooManyRequestsException', 'Rate Exceeded.')
  }

  async #run(payload: string, { shard, client = '' }: InvocationOrigin): Promise<InvocationResult> {
    this.#capacity.concurrency += 1
    try {
      const sandbox = await this.#workers.acquire({ shard, client })
      const result = await sandbox.invoke(payload)
      if (this.#capacity.endsWorker()) await sandbox.terminate()
      this.#workers.release(sandbox)
      return result
    } catch (error) {
      // A worker does not start at all with, for example, NODE_OPTIONS that Node.js refuses.
      return refused('Runtime.ExitError', `Cannot start ${this.definition.name}: ${messageOf(error)}`)
    } finally {
      this.#capacity.concurrency -= 1
    }
  }
}

function refused(errorType: string, errorMessage: string): InvocationResult {
  return {
    type: 'error',
    requestId: randomUUID(),
    error: { errorType, errorMessage },
  }
}
