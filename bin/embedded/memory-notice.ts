import { totalmem } from 'node:os'
import { getHeapStatistics } from 'node:v8'

const MB = 1024 * 1024
/** Of a plain `npm start`, with Postgres, after an hour; docs/platforms.md says 2 GB. */
const NEEDED_MB = 1500
/** Of the main thread, with the 12 MB that bin/lean.mjs allows for short-lived objects; the others have limits of their own. */
const NEEDED_HEAP_MB = 140

/** What a process may use, in bytes. */
export type MemoryLimits = {
  /** Of the machine, or of the control group or container that the process is in. */
  readonly memory: number
  /** Of the main thread, for its objects. */
  readonly heap: number
}

/** What this process may use. */
export function memoryLimits(): MemoryLimits {
  const constrained = process.constrainedMemory()
  const machine = totalmem()
  return {
    // Without a limit it is 0, or more than there is.
    memory: constrained > 0 ? Math.min(constrained, machine) : machine,
    heap: getHeapStatistics().heap_size_limit,
  }
}

/**
 * Says that there is too little memory; undefined where there is enough. Whoever runs out of it is killed without a word, by
 * the system or by Node.js.
 */
export function memoryNotice({ memory, heap }: MemoryLimits): string | undefined {
  const end =
    'it may be killed without a word. What was acknowledged is kept, and the next start continues from it'
  if (memory < NEEDED_MB * MB)
    return `this machine, or its container, gives ${mb(memory)} MB of memory, and npm start needs about 2 GB: ${end}`
  if (heap < NEEDED_HEAP_MB * MB)
    return `Node.js may use ${mb(heap)} MB for objects, and npm start needs ${NEEDED_HEAP_MB} MB (NODE_OPTIONS=--max-old-space-size=128 or more): ${end}`
  return undefined
}

function mb(bytes: number): number {
  return Math.floor(bytes / MB)
}
