import * as z from 'zod'

import { exportOf, type ExportRequest, exportRequestSchema } from './export-request.ts'
import type { JobSpec } from './job.ts'
import { jobMinute } from './job-minute.ts'
import { jobSymbols } from './job-symbols.ts'
import { isoOf, countTasks, MAX_TASKS } from './tasks.ts'

/** What a rebuild is submitted with: `{"symbols":["AAPL"],"from":"2025-11-10","to":"2025-11-11"}`. */
const rebuildRequestSchema = z.strictObject({
  type: z.literal('rebuild', 'rebuild or export').default('rebuild'),
  symbols: jobSymbols,
  from: jobMinute,
  /** Not in the span any more. @default now */
  to: jobMinute.optional(),
  /** Also replaces bars that have more trades than the archive. */
  replace: z.boolean('true or false').default(false),
})

/** What a job is submitted with. */
export const jobRequestSchema = z.union([rebuildRequestSchema, exportRequestSchema])

/** What is wrong with a request for a job. */
export class BadJobError extends Error {
  override readonly name = 'BadJobError'
}

/**
 * Reads what a job is submitted with.
 *
 * @param job.at Unix milliseconds; nothing is rebuilt or exported that is later
 * @throws BadJobError naming each field, its value, and what is allowed
 */
export function readJobRequest(body: unknown, job: { readonly id: string; readonly at: number }): JobSpec {
  const isExport = typeSchema.safeParse(body).data?.type === 'export'
  return isExport ? exportJob(parsed(exportRequestSchema, body), job) : rebuildJob(body, job.at)
}

const typeSchema = z.object({ type: z.unknown() })

function exportJob(request: ExportRequest, job: { readonly id: string; readonly at: number }): JobSpec {
  const { symbols } = request
  return { symbols, ...spanOf(request, job.at), replaces: 'more', export: exportOf(request, job) }
}

function rebuildJob(body: unknown, now: number): JobSpec {
  const { replace, ...request } = parsed(rebuildRequestSchema, body)
  const { symbols } = request
  const { from, to } = spanOf(request, now)
  const spec: JobSpec = { symbols, from, to, replaces: replace ? 'all' : 'more' }
  const tasks = countTasks(spec)
  if (tasks > MAX_TASKS)
    throw new BadJobError(
      `${symbols.length} symbols from ${isoOf(from)} to ${isoOf(to)} are ${tasks} tasks; allowed: ${MAX_TASKS}: submit several jobs`,
    )
  return spec
}

/** Whole minutes, Unix seconds, to now at the most. */
function spanOf(
  { from, to = Infinity }: { readonly from: number; readonly to?: number | undefined },
  now: number,
) {
  const end = Math.min(to, Math.ceil(now / 60_000) * 60)
  if (end > from) return { from, to: end }
  throw new BadJobError(`there is no minute from ${isoOf(from)} to ${isoOf(end)}: let to be later than from`)
}

function parsed<Shape extends z.ZodRawShape>(schema: z.ZodObject<Shape>, body: unknown) {
  const result = schema.safeParse(body)
  if (!result.success) throw new BadJobError(faultsOf(result.error, body, Object.keys(schema.shape)))
  return result.data
}

const MOST_NAMED = 5

function faultsOf({ issues }: z.ZodError, body: unknown, fields: readonly string[]): string {
  const named = issues.slice(0, MOST_NAMED).map((issue) => {
    if (issue.code === 'unrecognized_keys')
      return `there is no field ${issue.keys.join(', ')}; allowed: ${fields.join(', ')}`
    const where = issue.path.map(String).join('.') || 'the body'
    return `${where} is ${valueText(valueAt(body, issue.path))}; allowed: ${issue.path.length === 0 ? 'a JSON object' : issue.message}`
  })
  const others = issues.length - named.length
  return `${named.join('; ')}${others > 0 ? `; and ${others} more` : ''}`
}

const MOST_CHARACTERS = 100

function valueText(value: unknown): string {
  const text = JSON.stringify(value)
  if (text === undefined) return 'missing'
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text
}

function valueAt(body: unknown, path: readonly PropertyKey[]): unknown {
  let value = body
  for (const name of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = new Map<PropertyKey, unknown>(Object.entries(value)).get(String(name))
  }
  return value
}
