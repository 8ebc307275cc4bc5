import { randomUUID } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { ResourceError } from '../../errors.ts'
import type { Affinity, Clocks } from '../../service.ts'
import type { Strict } from '../../strictness.ts'
import { FunctionPool } from './function-pool.ts'
import type { FunctionFigures, InvocationOrigin, ServiceCaller, SharedCapacity } from './function-pool.ts'
import { createStartSlots } from './start-slots.ts'
import { standardRules } from './worker-rules.ts'
import type { WorkerRules } from './worker-rules.ts'
import type { FunctionLogLine } from '../../log-line.ts'
import type { FunctionDefinition } from './function-sandbox.ts'
import { refusedInvocation } from './invocation.ts'
import type { InvocationResult } from './invocation.ts'

/** Runs Lambda functions in worker threads, each with the environment, limits and life cycle that Lambda gives it. */
export type FunctionHost = {
  readonly register: (definition: FunctionDefinition) => void
  /** Never rejects, except with a ResourceError if there is no such function. */
  readonly invoke: (nameOrArn: string, event: unknown, origin?: InvocationOrigin) => Promise<InvocationResult>
  /** The plain name of a registered function given by name, ARN, or qualified ARN; undefined if there is none. */
  readonly find: (nameOrArn: string) => string | undefined
  /** As it was registered; throws a ResourceError if there is no such function. */
  readonly definition: (nameOrArn: string) => FunctionDefinition
  /** The names of all functions. */
  readonly names: () => readonly string[]
  /** Loads a function before its first invocation, as provisioned concurrency does; resolves when it is loaded. */
  readonly warm: (nameOrArn: string) => Promise<void>
  /** Ends a function's workers abruptly, as a crash would; the next invocation starts a new one. */
  readonly kill: (nameOrArn: string) => Promise<void>
  /** Puts a function's clock ahead of the machine's, or behind it; throws a ResourceError where functions have none of their own. */
  readonly setClock: (nameOrArn: string, aheadMs: number) => void
  readonly figures: () => Promise<Readonly<Record<string, FunctionFigures>>>
  /** Ends all workers and refuses further invocations with an error result. */
  readonly stop: () => Promise<void>
}

export type FunctionHostOptions = {
  /** @default shard */
  readonly affinity?: Affinity
  /** @default standardRules */
  readonly rules?: Partial<WorkerRules>
  /** Why a service of AWS may not invoke a function; undefined if it may. @default each may invoke all */
  readonly refuse?: (name: string, caller: ServiceCaller) => Promise<string | undefined>
  /** @default workers go on while they are idle, and stay warm */
  readonly strict?: Pick<Strict, 'endsWorker'>
  /** `own`: the clock of a function can be set. @default machine */
  readonly clocks?: Clocks
  /** Invocations that may run or wait. @default 1000, that of an account of Lambda */
  readonly maxConcurrency?: number
}

/** Creates an empty host; `onLine` gets what functions print, line by line. */
export function createFunctionHost(
  onLine: (line: FunctionLogLine) => void,
  {
    affinity = 'shard',
    rules = {},
    refuse,
    strict,
    clocks = 'machine',
    maxConcurrency = 1000,
  }: FunctionHostOptions = {},
): FunctionHost {
  const capacity: SharedCapacity = {
    slots: createStartSlots(availableParallelism()),
    rules: { ...standardRules, ...rules },
    concurrency: 0,
    maxConcurrency,
    freezes: strict !== undefined,
    hasClocks: clocks === 'own',
    endsWorker: strict?.endsWorker ?? (() => false),
  }
  const pools = new Map<string, FunctionPool>()
  let stopped = false
  const find = (nameOrArn: string): string | undefined => {
    const name = functionName(nameOrArn)
    return pools.has(name) ? name : undefined
  }
  const pool = (nameOrArn: string): FunctionPool => {
    const found = pools.get(functionName(nameOrArn))
    if (found !== undefined) return found
    throw new ResourceError(`No function ${nameOrArn}; there are: ${[...pools.keys()].join(', ') || 'none'}.`)
  }
  return {
    find,
    definition: (nameOrArn) => pool(nameOrArn).definition,
    names: () => [...pools.keys()],
    register: (definition) => {
      if (pools.has(definition.name))
        throw new ResourceError(`Two functions have the name ${definition.name}.`)
      pools.set(definition.name, new FunctionPool(definition, { onLine, affinity, capacity }))
    },
    invoke: async (nameOrArn, event, origin = {}) => {
      const { caller } = origin
      const refusal = caller && (await refuse?.(functionName(nameOrArn), caller))
      if (refusal !== undefined) return failed(refusedInvocation, refusal)
      return stopped
        ? failed('ServiceException', 'The runtime is stopping.')
        : await pool(nameOrArn).invoke(event, origin)
    },
    warm: async (nameOrArn) => {
      if (!stopped) await pool(nameOrArn).warm()
    },
    kill: async (nameOrArn) => await pool(nameOrArn).kill(),
    setClock: (nameOrArn, aheadMs) => pool(nameOrArn).setClock(aheadMs),
    figures: async () =>
      Object.fromEntries(
        await Promise.all([...pools].map(async ([name, entry]) => [name, await entry.figures()] as const)),
      ),
    stop: async () => {
      stopped = true
      await Promise.all([...pools.values()].map((entry) => entry.kill()))
    },
  }
}

/** `name`, `name:alias`, `arn:aws:lambda:region:account:function:name` or that with `:alias`. */
function functionName(nameOrArn: string): string {
  const parts = nameOrArn.split(':')
  return (parts[0] === 'arn' ? parts[6] : parts[0]) ?? nameOrArn
}

function failed(errorType: string, errorMessage: string): InvocationResult {
  return { type: 'error', requestId: randomUUID(), error: { errorType, errorMessage } }
}
