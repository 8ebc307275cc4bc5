import * as z from 'zod'

import { BadJobError } from './job-request.ts'
import { jobListSchema, jobViewSchema, wholeJobSchema } from './job-view.ts'
import { JobRefusal, type ManagedJobs } from './manage-jobs.ts'

/** Who is meant to read it: an operator with a role of AWS, not a client of the REST API. */
const by = z.string().min(1).max(200)

/** What the command line and the dashboard of this machine call the part with. */
export const commandSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('submit'), body: z.unknown(), by }),
  z.strictObject({
    type: z.literal('list'),
    limit: z.int().min(1).max(200),
    before: z.string().min(1).optional(),
  }),
  z.strictObject({ type: z.literal('show'), id: z.string() }),
  z.strictObject({ type: z.literal('cancel'), id: z.string(), by }),
  z.strictObject({ type: z.literal('retry'), id: z.string() }),
])
export type JobCommand = z.input<typeof commandSchema>

/** Its answer, whatever the command. */
export const commandAnswerSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('job'), job: jobViewSchema }),
  z.object({ type: z.literal('whole-job'), job: wholeJobSchema }),
  z.object({ type: z.literal('jobs'), list: jobListSchema }),
  z.object({ type: z.literal('refused'), kind: z.string(), reason: z.string() }),
])
export type CommandAnswer = z.infer<typeof commandAnswerSchema>

/** Does what a command says. */
export async function obey(
  jobs: ManagedJobs,
  command: z.output<typeof commandSchema>,
): Promise<CommandAnswer> {
  try {
    switch (command.type) {
      case 'submit':
        return { type: 'job', job: await jobs.submit(command.body, command.by) }
      case 'list':
        return { type: 'jobs', list: await jobs.list(command) }
      case 'show':
        return { type: 'whole-job', job: await jobs.show(command.id) }
      case 'cancel':
        return { type: 'job', job: await jobs.cancel(command.id, command.by) }
      case 'retry':
        return { type: 'job', job: await jobs.retry(command.id) }
      default:
        return command satisfies never
    }
  } catch (error) {
    if (error instanceof BadJobError) return { type: 'refused', kind: 'bad-job', reason: error.message }
    if (error instanceof JobRefusal) return { type: 'refused', kind: error.kind, reason: error.message }
    throw error
  }
}
