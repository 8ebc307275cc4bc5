import { signal } from '@preact/signals'

import { messageOf, request } from '../api/request.ts'
import { doneSchema, type FailedTask, jobsSchema, wholeJobSchema } from '../api/system-schemas.ts'
import { notify } from './notices.ts'
import { Poll } from './poll.ts'
import { actions } from './system.ts'

const PATH = '/v1/jobs'

/** The newest jobs. */
export const jobs = new Poll(() => request(PATH, { schema: jobsSchema }), 3000)

/** The failed tasks of the jobs that were opened, by id. */
export const failedTasks = signal<ReadonlyMap<string, readonly FailedTask[]>>(new Map())

/** What a job is submitted with; times are UTC days or minutes. */
type JobRequest = {
  readonly symbols: readonly string[]
  readonly from: string
  readonly to?: string
  readonly replace: boolean
}

export async function submitJob(body: JobRequest): Promise<void> {
  await change(PATH, 'POST', body)
}

export async function cancelJob(id: string): Promise<void> {
  await change(`${PATH}/${encodeURIComponent(id)}`, 'DELETE')
}

export async function retryJob(id: string): Promise<void> {
  await change(`${PATH}/${encodeURIComponent(id)}/retry`, 'POST')
}

async function change(path: string, method: 'POST' | 'DELETE', body?: JobRequest): Promise<void> {
  await request(path, { schema: doneSchema, method, body })
  await Promise.all([jobs.refresh(), actions.refreshIfUsed()])
}

/** Reads which tasks of a job have failed, and why. */
export async function readFailures(id: string): Promise<void> {
  try {
    const { failures } = await request(`${PATH}/${encodeURIComponent(id)}`, { schema: wholeJobSchema })
    failedTasks.value = new Map([...failedTasks.value, [id, failures]])
  } catch (error) {
    notify('error', `The failed tasks of ${id} cannot be read. ${messageOf(error)}`)
  }
}
