import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import type { DeployedStage } from '../find-deployment.ts'
import { type Finding, finding } from './finding.ts'
import { readStates } from './read-states.ts'

/** The target of the original project, for 70 symbols. */
const STATE_MB = 10
const TARGET_SYMBOLS = 70

/** What the state of all symbols takes in the memory of a function that holds it. */
export async function checkStateMemory(deployed: DeployedStage): Promise<Finding[]> {
  const before = usedHeap()
  const states = await readStates(deployed)
  const megabytes = (usedHeap() - before) / 1e6
  const allowed = STATE_MB * Math.max(1, states.size / TARGET_SYMBOLS)
  return [
    finding('memory of the state', `under ${allowed.toFixed(0)} MB`, {
      found: `${megabytes.toFixed(2)} MB for ${states.size} symbols`,
      holds: states.size > 0 && megabytes < allowed,
    }),
  ]
}

/** Bytes in use once the garbage is out. */
function usedHeap(): number {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect === 'function') collect()
  return process.memoryUsage().heapUsed
}
