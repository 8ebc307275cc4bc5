import { nameOf } from '../../../functions/shared/runtime/deployment-name.ts'
import { type CommandAnswer, commandAnswerSchema, type JobCommand } from '../../../functions/jobs/command.ts'
import type { JobList, JobView, WholeJob } from '../../../functions/jobs/job-view.ts'
import { UsageError } from '../../terminal/errors.ts'
import type { DeployedStage } from '../find-deployment.ts'
import { functionInvoker } from '../invoke-part.ts'

/** The jobs of a deployment, by its part `jobs`. */
export type JobsClient = {
  /** @param body as of `POST /v1/jobs` */
  submit(body: unknown, by: string): Promise<JobView>
  list(page: { readonly limit: number; readonly before?: string | undefined }): Promise<JobList>
  show(id: string): Promise<WholeJob>
  cancel(id: string, by: string): Promise<JobView>
  retry(id: string): Promise<JobView>
}

/** What the part `jobs` refuses; the message is its own. */
export class JobRefusedError extends UsageError {
  override readonly name = 'JobRefusedError'
  readonly kind: string

  constructor(kind: string, message: string) {
    super(message)
    this.kind = kind
  }
}

/** Its methods reject with a JobRefusedError for what cannot be done, and a UsageError where there is no such part. */
export function openJobs(deployed: Pick<DeployedStage, 'prefix' | 'stage' | 'environment'>): JobsClient {
  const FunctionName = `${nameOf(deployed)}-jobs`
  const invoke = functionInvoker(FunctionName, deployed, {
    attempts: 3,
    missing: 'the stage is not deployed there, or has archive off, without which there are no jobs',
  })
  const call = async <Type extends Exclude<CommandAnswer['type'], 'refused'>>(
    command: JobCommand,
    type: Type,
  ): Promise<Extract<CommandAnswer, { type: Type }>> => {
    const answer = commandAnswerSchema.parse(await invoke(command))
    if (answer.type === 'refused') throw new JobRefusedError(answer.kind, answer.reason)
    if (!isOfType(answer, type)) throw new TypeError(`${FunctionName} answered ${answer.type}, not ${type}`)
    return answer
  }
  return {
    submit: async (body, by) => (await call({ type: 'submit', body, by }, 'job')).job,
    list: async ({ limit, before }) =>
      (await call({ type: 'list', limit, ...(before !== undefined && { before }) }, 'jobs')).list,
    show: async (id) => (await call({ type: 'show', id }, 'whole-job')).job,
    cancel: async (id, by) => (await call({ type: 'cancel', id, by }, 'job')).job,
    retry: async (id) => (await call({ type: 'retry', id }, 'job')).job,
  }
}

function isOfType<Type extends CommandAnswer['type']>(
  answer: CommandAnswer,
  type: Type,
): answer is Extract<CommandAnswer, { type: Type }> {
  return answer.type === type
}
