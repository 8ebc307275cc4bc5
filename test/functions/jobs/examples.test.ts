import { describe, expect, it } from 'vitest'

import { JOB_EXAMPLES } from '../../../functions/api/jobs-paths.ts'
import { cancelJob, newJob, retryJob } from '../../../functions/jobs/evolve-job.ts'
import { readJobRequest } from '../../../functions/jobs/job-request.ts'
import { viewOf, wholeViewOf } from '../../../functions/jobs/job-view.ts'

const BY = 'ann@example.com'
const AT = Date.parse('2025-11-10T17:24:00.123Z')

describe('the examples of jobs in the OpenAPI document', () => {
  it('are what comes of the request beside them', () => {
    const spec = readJobRequest(JOB_EXAMPLES.body, { id: JOB_EXAMPLES.submitted.id, at: AT })
    const job = newJob(spec, { id: JOB_EXAMPLES.submitted.id, at: AT, by: BY })
    const cancelled = cancelJob(job, { by: BY, now: Date.parse('2025-11-10T17:25:00Z') }) ?? job
    const { submitted, whole } = JOB_EXAMPLES
    expect(viewOf(job)).toEqual(submitted)
    expect(wholeViewOf(job, spec)).toEqual(whole)
    expect(viewOf(cancelled)).toEqual(JOB_EXAMPLES.cancelled)
    expect(viewOf(retryJob(cancelled) ?? cancelled)).toEqual(submitted)
  })
})
