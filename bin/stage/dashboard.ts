import * as z from 'zod'

import { UsageError } from '../terminal/errors.ts'
import { dataPath } from './data-path.ts'
import { findDeployment } from './find-deployment.ts'
import { readRunning } from './running-deployment.ts'
import { printLine } from '../terminal/print.ts'

const answerSchema = z.object({ address: z.url() })

/**
 * Prints an address that signs in once to the dashboard of the `npm start` of a data folder. Only who may read the folder
 * can: the secret that it takes is there.
 *
 * @throws UsageError when none runs there, or its dashboard does not answer
 */
export async function dashboard(data: string): Promise<number> {
  const folder = dataPath(data)
  const { running } = findDeployment({
    options: { data: folder },
    environment: {},
    defaultData: folder,
    readRunning,
  })
  if (running?.dashboard === undefined)
    throw new UsageError(`the TickStock of the data folder ${folder} has no dashboard: start it again`)
  const { url, secret } = running.dashboard
  printLine(await newAddress(url, secret))
  return 0
}

async function newAddress(url: string, secret: string): Promise<string> {
  const unanswered = (cause: unknown): never => {
    throw new UsageError(`the dashboard at ${url} does not answer as it should: restart npm start`, { cause })
  }
  const response = await fetch(`${url}/sign-in-addresses`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}` },
  }).catch(unanswered)
  const { success, data, error } = answerSchema.safeParse(await response.json().catch(unanswered))
  return success ? data.address : unanswered(error)
}
