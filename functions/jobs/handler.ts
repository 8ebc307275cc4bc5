import { setTimeout } from 'node:timers/promises'

import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { S3Client } from '@aws-sdk/client-s3'
import * as z from 'zod'

import { createSelfCall } from '../shared/runtime/call-itself.ts'
import { parseEnvironment } from '../shared/runtime/environment.ts'
import { LIMITS, limitedHttp } from '../shared/runtime/limited-http.ts'
import { createTelemetry } from '../shared/runtime/telemetry.ts'
import { createRebuilderCall } from './call-rebuilder.ts'
import { commandSchema, obey } from './command.ts'
import { jobsEnvironment } from './env.ts'
import { type Job, stateOf } from './job.ts'
import { createJobStore } from './job-store.ts'
import { createLinks } from './link-to-export.ts'
import { manageJobs } from './manage-jobs.ts'
import { createRest } from './rest.ts'
import { runJobs } from './run-jobs.ts'

/** So long a call starts tasks: its 15 minutes without the 12 that a task may take, and some to note how it ended. */
const START_MS = 120_000

const environment = parseEnvironment(jobsEnvironment, process.env)
const { logger, count } = createTelemetry('jobs')
const store = createJobStore(
  new DynamoDBClient({ requestHandler: limitedHttp(LIMITS.dynamodb) }),
  environment.JOBS_TABLE,
  Date.now,
)
const start = createSelfCall(environment.JOBS_FUNCTION, { type: 'run' }, (error) =>
  logger.warn('the tasks start within a minute, not now', { error }),
)
const jobs = manageJobs({
  store,
  start,
  now: Date.now,
  linkTo: createLinks(
    new S3Client({ requestHandler: limitedHttp(LIMITS.s3) }),
    environment.EXPORTS_BUCKET,
    Date.now,
  ),
  exportDays: environment.EXPORT_DAYS,
})
const rest = createRest({
  jobs,
  access: environment.ACCESS,
  logError: (message, error) => logger.error(message, { error }),
})
const rebuild = createRebuilderCall(environment.REBUILDER_FUNCTION)
const eventSchema = z.union([z.strictObject({ type: z.literal('run') }), commandSchema])

/** Answers a request to `/v1/jobs` or a command, or runs tasks of the jobs that are open. */
export async function handler(event: unknown) {
  if (typeof event === 'object' && event !== null && 'httpMethod' in event) return await rest(event)
  const command = eventSchema.parse(event)
  if (command.type !== 'run') return await obey(jobs, command)
  const failed: Job[] = []
  await runJobs(
    {
      store,
      rebuild,
      concurrency: environment.JOB_CONCURRENCY,
      now: Date.now,
      wait: async (ms, signal) => {
        await setTimeout(ms, undefined, { ...(signal && { signal }) }).catch(ignoreAbort)
      },
      ended: (job) => {
        logger.info('a job has ended', { id: job.id, state: stateOf(job), counts: job.counts })
        if (stateOf(job) === 'failed') failed.push(job)
      },
    },
    Date.now() + START_MS,
  )
  count({ JobsFailed: failed.length })
  return { failed: failed.length }
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error
}
