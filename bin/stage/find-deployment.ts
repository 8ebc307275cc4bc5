import { UsageError } from '../terminal/errors.ts'
import type { RunningDeployment, RunningFile } from './running-deployment.ts'

/** The options that every command takes that works on a deployment. */
export type DeploymentOptions = {
  readonly stage?: string
  readonly prefix?: string
  readonly endpoint?: string
  readonly data?: string
}

/** A deployment that a command works on. */
export type DeployedStage = {
  readonly stage: string
  /** The setting `prefix` of the deployment. @default tickstock */
  readonly prefix?: string | undefined
  /** The variables that AWS clients read: endpoint, region and credentials. */
  readonly environment: NodeJS.ProcessEnv
  /** The endpoint, or `AWS`; for messages. */
  readonly at: string
  /** What `npm start` wrote of it; undefined when it was found otherwise. */
  readonly running: RunningDeployment | undefined
}

export type Search = {
  readonly options: DeploymentOptions
  readonly environment: NodeJS.ProcessEnv
  /** The data folder to look into when neither option nor variable names a deployment. */
  readonly defaultData: string
  /** Reads what `npm start` wrote into a data folder. */
  readonly readRunning: (data: string) => RunningFile
}

/**
 * Finds the deployment that a command works on, by the first of these that applies: `--endpoint`, `--data`,
 * `AWS_ENDPOINT_URL`, a `--stage` other than `local` (on AWS), and the `npm start` of the default data folder.
 *
 * @throws UsageError when options contradict each other, or nothing runs there
 */
export function findDeployment({ options, environment, defaultData, readRunning }: Search): DeployedStage {
  const { stage = 'local', prefix, endpoint, data } = options
  if (data !== undefined && endpoint !== undefined)
    throw new UsageError('--endpoint and --data each name a deployment: give one of them')
  if (data !== undefined && stage !== 'local')
    throw new UsageError(
      `--data names a deployment of stage local, --stage ${stage} another: give one of them`,
    )
  if (prefix !== undefined && stage === 'local')
    throw new UsageError(
      `--prefix ${prefix} names a deployment on AWS, and the stage is local: give --stage too, or leave it out`,
    )
  if (endpoint !== undefined)
    return { prefix, stage, environment: atEndpoint(environment, endpoint), at: endpoint, running: undefined }
  const fromEnvironment = environment['AWS_ENDPOINT_URL']
  if (data === undefined && fromEnvironment)
    return { prefix, stage, environment, at: fromEnvironment, running: undefined }
  if (stage !== 'local') return { prefix, stage, environment, at: 'AWS', running: undefined }
  const folder = data ?? defaultData
  const found = readRunning(folder)
  if (found.type !== 'running') throw new UsageError(nothingRuns(folder, found))
  const { deployment } = found
  return {
    stage: deployment.stage,
    environment: environmentOf(environment, deployment),
    at: deployment.endpoint,
    running: deployment,
  }
}

/** `--endpoint` counts for every service, over a variable for one of them. */
function atEndpoint(environment: NodeJS.ProcessEnv, endpoint: string): NodeJS.ProcessEnv {
  return { ...without(environment, /^AWS_ENDPOINT_URL/), AWS_ENDPOINT_URL: endpoint }
}

/** No credentials of an account of AWS go to a deployment on this machine. */
function environmentOf(
  environment: NodeJS.ProcessEnv,
  { endpoint, region, accessKeyId, secretAccessKey }: RunningDeployment,
): NodeJS.ProcessEnv {
  return {
    ...without(environment, /^AWS_/),
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  }
}

function without(environment: NodeJS.ProcessEnv, names: RegExp): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !names.test(name)))
}

function nothingRuns(folder: string, found: Exclude<RunningFile, { type: 'running' }>): string {
  const problem =
    found.type === 'ended'
      ? `the TickStock of the data folder ${folder} does not run any more (process ${found.pid} has ended)`
      : `no TickStock runs with the data folder ${folder}`
  return `${problem}: start one with npm start, or name another deployment with --data FOLDER, --endpoint URL or --stage STAGE`
}
