import * as z from 'zod/mini'

const count = z.nullish(z.number())

export const sessionSchema = z.object({
  stage: z.string(),
  role: z.string(),
  version: z.string(),
  /** Where programs find the API, where that is not the address of the page. */
  api: z.optional(z.string()),
})
export type Session = z.output<typeof sessionSchema>

export const systemSchema = z.object({
  now: z.number(),
  /** Which time the counts are of; since the start where it is not set. */
  span: z.optional(z.string()),
  metrics: z.object({
    ticksPerSecond: count,
    ticksTotal: count,
    late: count,
    rejected: count,
    duplicates: count,
    missing: count,
    bars: count,
    revised: count,
    incomplete: count,
  }),
  lag: z.array(z.object({ part: z.string(), ms: count, records: count })),
  latency: z.object({ bar: z.nullish(z.object({ p50: count, p99: count })) }),
  alarms: z.optional(
    z.array(z.object({ name: z.string(), state: z.enum(['ok', 'alarm', 'unknown']), about: z.string() })),
  ),
  flags: z.array(z.object({ name: z.string(), value: z.string(), about: z.string() })),
  /** Null dollars: not known, for the reason that the note gives. */
  costSoFar: z.nullish(z.object({ usd: z.nullable(z.number()), note: z.string() })),
})

const deadLetterSchema = z.object({
  key: z.string(),
  at: z.number(),
  stream: z.string(),
  symbol: z.nullable(z.string()),
  reason: z.string(),
  detail: z.nullable(z.string()),
  records: z.number(),
  text: z.nullable(z.string()),
})
export type DeadLetter = z.output<typeof deadLetterSchema>
export const deadLettersSchema = z.object({ items: z.array(deadLetterSchema), more: z.boolean() })

export const actionsSchema = z.object({
  items: z.array(z.object({ at: z.number(), who: z.string(), what: z.string() })),
})
export const doneSchema = z.looseObject({})

const jobSchema = z.object({
  id: z.string(),
  state: z.string(),
  symbol_count: z.number(),
  from: z.string(),
  to: z.string(),
  submitted_at: z.string(),
  submitted_by: z.string(),
  cancelled_by: z.nullable(z.string()),
  ended_at: z.nullable(z.string()),
  tasks: z.object({ total: z.number(), done: z.number(), failed: z.number() }),
  counts: z.record(z.string(), z.number()),
})
export type Job = z.output<typeof jobSchema>
export const jobsSchema = z.object({ jobs: z.array(jobSchema) })
export const wholeJobSchema = z.object({
  failures: z.array(
    z.object({ symbols: z.array(z.string()), from: z.string(), to: z.string(), reason: z.string() }),
  ),
})
export type FailedTask = z.output<typeof wholeJobSchema>['failures'][number]

export const ruleSchema = z.object({
  id: z.string(),
  name: z.string(),
  condition: z.string(),
  symbols: z.union([z.string(), z.array(z.string())]),
  to: z.string(),
})
export type AlertRule = z.output<typeof ruleSchema>
export const rulesSchema = z.object({ rules: z.array(ruleSchema) })
export const newRuleSchema = z.object({ id: z.string(), secret: z.nullable(z.string()) })
export const testedSchema = z.object({ delivered: z.boolean(), detail: z.string() })
const firingSchema = z.object({
  id: z.string(),
  condition: z.string(),
  symbol: z.string(),
  timestamp: z.string(),
  revision: z.number(),
  delivery: z.string(),
  attempts: z.number(),
  last_error: z.nullable(z.string()),
})
export type Firing = z.output<typeof firingSchema>
export const firingsSchema = z.object({ firings: z.array(firingSchema) })

const qualityDaySchema = z.object({
  symbol: z.string(),
  day: z.string(),
  bars: z.number(),
  expected_bars: z.nullable(z.number()),
  trades: z.number(),
  incomplete_bars: z.number(),
  unknown_bars: z.number(),
  corrected_bars: z.number(),
  without_bar: z.object({ no_trades: z.number(), trades_lost: z.number(), unknown: z.number() }),
  longest_silence: z.nullable(z.object({ minutes: z.number(), from: z.string() })),
})
export type QualityDay = z.output<typeof qualityDaySchema>
export const qualitySchema = z.object({ days: z.array(qualityDaySchema) })
