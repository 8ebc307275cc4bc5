import * as z from 'zod'

import { nameOf } from '../../functions/shared/runtime/deployment-name.ts'
import type { DeployedStage } from './find-deployment.ts'
import { functionInvoker } from './invoke-part.ts'
import { printLine } from '../terminal/print.ts'

export type FlushOptions = {
  /** Name of the sweeper. @default that of the stage */
  readonly function?: string
}

const answer = z.object({ completed: z.int(), revised: z.int() })

/** Closes every open bar of a deployment. */
export async function flush(deployed: DeployedStage, options: FlushOptions): Promise<number> {
  const sweeper = options.function ?? `${nameOf(deployed)}-sweeper`
  const invoke = functionInvoker(sweeper, deployed, { attempts: 3 })
  const { completed, revised } = answer.parse(await invoke({ type: 'flush' }))
  printLine(`${completed} bars completed, ${revised} revised`)
  return 0
}
