import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'

import { type AssembledFunction, assembledFunctions } from './assembled-functions.ts'
import { clientOptions } from '../stage/client-options.ts'
import { deployedEnvironment } from '../stage/deployed-function.ts'
import type { DeployedStage } from '../stage/find-deployment.ts'
import { startDeployment } from './deployment.ts'
import { UsageError } from '../terminal/errors.ts'
import { type Invoked, invokeLocally } from './invoke-locally.ts'
import { openScreen } from '../terminal/screen.ts'
import { MetricWindow } from '../stage/statistics.ts'
import { synthesize } from './synthesize.ts'
import { inThrowAwayFolder } from '../terminal/throw-away-folder.ts'
import { metricTable } from '../stage/metrics.ts'
import { printText } from '../terminal/print.ts'

export type InvokeOptions = {
  /** File with the event. @default the sample */
  readonly event: string | undefined
  /** The deployment whose stores the function uses. @default throw-away stores of its own */
  readonly deployed?: DeployedStage
}

const SAMPLES = fileURLToPath(new URL('../../localstack/events', import.meta.url))

/** Runs one function once on this machine and prints its result, metrics and logs; fails when the function does. */
export async function invoke(part: string, options: InvokeOptions): Promise<number> {
  const screen = openScreen(process.stderr)
  const assembly = await synthesize({ onWork: () => screen.status('synthesizing the CDK app ...') })
  const functions = assembledFunctions(assembly)
  const assembled = functions.find((each) => each.part === part)
  if (assembled === undefined)
    throw new UsageError(
      `there is no function ${part}; there are ${functions.map((each) => each.part).join(', ')}`,
    )
  const event = readEvent(options.event ?? join(SAMPLES, `${part}.json`))
  const invoked =
    options.deployed === undefined
      ? await inThrowAway(assembled, event, (doing) => screen.status(`${doing} ...`))
      : await invokeLocally(assembled, event, {
          ...clientVariables(options.deployed.environment),
          ...(await deployedEnvironment(part, options.deployed)),
        })
  screen.end()
  printText(report(invoked))
  return invoked.result.type === 'success' ? 0 : 1
}

/** With stores of its own: everything is deployed, and nothing is in them. */
async function inThrowAway(
  assembled: AssembledFunction,
  event: unknown,
  onProgress: (doing: string) => void,
): Promise<Invoked> {
  return await inThrowAwayFolder('invoke', async (data) => {
    const deployment = await startDeployment({ data, durability: 'none', onProgress })
    try {
      const { environment } = deployment.runtime
      const variables = await deployedEnvironment(assembled.part, { stage: 'local', environment })
      return await invokeLocally(assembled, event, { ...environment, ...variables })
    } finally {
      await deployment.stop()
    }
  })
}

function readEvent(file: string): unknown {
  try {
    const event: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return event
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new UsageError(`the event ${file} cannot be read: ${reason}`)
  }
}

/** The variables by which a function reaches AWS, or the endpoint that emulates it, as this process does. */
function clientVariables(environment: NodeJS.ProcessEnv): Record<string, string> {
  const { region, credentials } = clientOptions('LAMBDA', environment)
  const own = Object.entries(environment).filter(
    (entry): entry is [string, string] => /^(AWS_|HOME$)/.test(entry[0]) && entry[1] !== undefined,
  )
  return {
    ...(region !== undefined && { AWS_REGION: region }),
    ...(credentials && {
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    }),
    ...Object.fromEntries(own),
  }
}

/** Result, metrics and logs apart, each under a heading of its own. */
function report({ result, metrics, logs }: Invoked): string {
  const window = new MetricWindow(Infinity)
  for (const line of metrics) window.add(0, line)
  const outcome =
    result.type === 'success'
      ? inspect(result.payload, { depth: null })
      : (result.error.trace?.join('\n') ?? `${result.error.errorType}: ${result.error.errorMessage}`)
  return [
    `result: ${result.type}\n${outcome}\n`,
    `metrics:${metrics.length === 0 ? ' none\n' : `\n${metricTable(window.get(0))}`}`,
    `logs:${logs.length === 0 ? ' none\n' : `\n${logs.join('\n')}\n`}`,
  ].join('\n')
}
