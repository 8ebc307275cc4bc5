import { rmSync } from 'node:fs'

import { type Deployment, type DeploymentOptions, startDeployment } from '../../../bin/embedded/deployment.ts'
import { preparedData } from './data-folder.ts'

const HOUR = 3600

/** The start of an hour, some hours ago; Unix seconds. */
export const DRILL_HOUR = (Math.floor(Date.now() / 1000 / HOUR) - 4) * HOUR

export type Drill = {
  readonly deployment: Deployment
  readonly data: string
  /** Ends the deployment, and removes its data. */
  readonly end: () => Promise<void>
}

export type DrillOptions = {
  readonly settings?: Readonly<Record<string, unknown>>
  readonly environment?: Readonly<Record<string, string>>
  readonly clocks?: DeploymentOptions['clocks']
}

/** A deployment whose trades of `DRILL_HOUR` a drill loses. */
export async function startDrill({ settings, environment, clocks }: DrillOptions = {}): Promise<Drill> {
  const data = await preparedData()
  const deployment = await startDeployment({
    data,
    durability: 'none',
    settings: { archiveWindowSeconds: 0, ...settings },
    // The clock of a slow machine closes no bar.
    environment: { GRACE_MS: String(86_400_000), ...environment },
    ...(clocks !== undefined && { clocks }),
  })
  const end = async (): Promise<void> => {
    await deployment.stop()
    rmSync(data, { recursive: true, force: true })
  }
  return { deployment, data, end }
}
