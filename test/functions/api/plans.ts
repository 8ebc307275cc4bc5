import * as z from 'zod'

import { parseTradingHours } from '../../../functions/shared/runtime/trading-hours.ts'
import { createApp } from '../../../functions/api/app.ts'
import type { Queryable } from '../../../functions/shared/postgres/database.ts'

/** A node of a plan, with those below it. */
export type Plan = {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string | undefined
  readonly 'Index Name'?: string | undefined
  /** Partitions that were planned for and turned out not to be needed. */
  readonly 'Subplans Removed'?: number | undefined
  readonly Plans?: readonly Plan[] | undefined
}
const planSchema: z.ZodType<Plan> = z.lazy(() =>
  z.object({
    'Node Type': z.string(),
    'Relation Name': z.string().optional(),
    'Index Name': z.string().optional(),
    'Subplans Removed': z.number().optional(),
    Plans: z.array(planSchema).optional(),
  }),
)
const explainedSchema = z.tuple([
  z.object({
    'QUERY PLAN': z.tuple([
      z.object({ Plan: planSchema, 'Planning Time': z.number(), 'Execution Time': z.number() }),
    ]),
  }),
])

/** Where a request looks: the partitions of bars that its plans hold, and how they are read. */
export type Looks = {
  readonly partitions: number
  readonly ways: readonly string[]
  readonly planningMs: number
  readonly executionMs: number
}

/** A statement of a request as Postgres ran it. */
export type Explained = {
  readonly text: string
  readonly nodes: readonly Plan[]
  readonly planningMs: number
  readonly executionMs: number
}

/** Has Postgres explain every statement that a request sends. */
export async function explainRequest(
  database: Queryable,
  target: string,
  now: () => number = Date.now,
): Promise<{ readonly status: number; readonly statements: readonly Explained[] }> {
  const sent: { text: string; values: readonly unknown[] }[] = []
  const spied: Queryable = {
    query: (text, values = []) => {
      sent.push({ text, values })
      return database.query(text, values)
    },
  }
  const parts = {
    indicators: [],
    analysis: { indicators: '', patterns: '', vwapAnchor: 'UTC 00:00' },
    tradingHours: parseTradingHours('off'),
    corsOrigins: [],
    now,
    databaseNow: async () => now(),
    logError: () => {},
    measure: () => {},
  }
  const { status } = await createApp({ ...parts, database: spied }).request(target)
  const statements: Explained[] = []
  for (const { text, values } of sent) {
    const { rows } = await database.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, values)
    const [
      {
        'QUERY PLAN': [explained],
      },
    ] = explainedSchema.parse(rows)
    statements.push({
      text,
      nodes: nodesOf(explained.Plan),
      planningMs: explained['Planning Time'],
      executionMs: explained['Execution Time'],
    })
  }
  return { status, statements }
}

/** Where the statements of a request look, together. */
export async function explain(database: Queryable, target: string): Promise<Looks> {
  const { statements } = await explainRequest(database, target)
  const nodes = statements
    .flatMap((each) => each.nodes)
    .filter((node) => node['Relation Name']?.startsWith('ohlcv_1min'))
  return {
    partitions: new Set(nodes.map((node) => node['Relation Name'])).size,
    ways: [...new Set(nodes.map((node) => node['Node Type']))].toSorted(),
    planningMs: statements.reduce((sum, { planningMs }) => sum + planningMs, 0),
    executionMs: statements.reduce((sum, { executionMs }) => sum + executionMs, 0),
  }
}

function nodesOf(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)]
}
