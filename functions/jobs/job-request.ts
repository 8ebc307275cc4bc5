import * as z from 'zod'

import { isSymbol } from '../domain/trade.ts'
import type { JobSpec } from './job.ts'
import { isoOf, countTasks, MAX_TASKS } from './tasks.ts'

/** A job has at most so many symbols, which fit into an item of DynamoDB. */
export const MAX_JOB_SYMBOLS = 5000

const EARLIEST = Date.parse('1980-01-01T00:00:00Z') / 1000
const MINUTE_ALLOWED = 'a UTC day such as "2025-11-10" or minute such as "2025-11-10T14:30:00Z", from 1980 on'

/** Unix seconds of the start of a minute. */
const minute = z
  .string(MINUTE_ALLOWED)
  .regex(/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:00)?Z)?$/, MINUTE_ALLOWED)
  .refine(isTime, MINUTE_ALLOWED)
  .transform((text) => Date.parse(text) / 1000)
  .refine((seconds) => seconds >= EARLIEST, MINUTE_ALLOWED)

/** What a job is submitted with: `{"symbols":["AAPL"],"from":"2025-11-10","to":"2025-11-11"}`. */
export const jobRequestSchema = z.strictObject({
  /** The only type yet. */
  type: z.literal('rebuild', 'rebuild').default('rebuild'),
  symbols: z
    .array(z.string().refine(isSymbol, 'a symbol'), 'a list of symbols')
    .min(1, 'one symbol or more')
    .max(MAX_JOB_SYMBOLS, `at most ${MAX_JOB_SYMBOLS} symbols`)
    .transform((symbols) => [...new Set(symbols)].toSorted()),
  from: minute,
  /** Not in the span any more. @default now */
  to: minute.optional(),
  /** Also replaces bars that have more trades than the archive. */
  replace: z.boolean('true or false').default(false),
})

/** What is wrong with a request for a job. */
export class BadJobError extends Error {
  override readonly name = 'BadJobError'
}

/**
 * Reads what a job is submitted with.
 *
 * @param now Unix milliseconds; nothing is rebuilt that is later
 * @throws BadJobError naming each field, its value, and what is allowed
 */
export function readJobRequest(body: unknown, now: number): JobSpec {
  const parsed = jobRequestSchema.safeParse(body)
  if (!parsed.success) throw new BadJobError(faultsOf(parsed.error, body))
  const { symbols, from, to = Infinity, replace } = parsed.data
  const end = Math.min(to, Math.ceil(now / 60_000) * 60)
  if (end <= from)
    throw new BadJobError(
      `there is no minute from ${isoOf(from)} to ${isoOf(end)}: let to be later than from`,
    )
  const spec: JobSpec = { symbols, from, to: end, replaces: replace ? 'all' : 'more' }
  const tasks = countTasks(spec)
  if (tasks > MAX_TASKS)
    throw new BadJobError(
      `${symbols.length} symbols from ${isoOf(from)} to ${isoOf(end)} are ${tasks} tasks; allowed: ${MAX_TASKS}: submit several jobs`,
    )
  return spec
}

const MOST_NAMED = 5

function faultsOf({ issues }: z.ZodError, body: unknown): string {
  const named = issues.slice(0, MOST_NAMED).map((issue) => {
    if (issue.code === 'unrecognized_keys')
      return `there is no field ${issue.keys.join(', ')}; allowed: ${Object.keys(jobRequestSchema.shape).join(', ')}`
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

/** JavaScript reads 30 February as 2 March. */
function isTime(text: string): boolean {
  const time = Date.parse(text)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text.slice(0, 10))
}
