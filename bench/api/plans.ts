import { z } from 'zod'

import { createApp } from '../../functions/api/app.ts'
import type { Queryable } from '../../functions/shared/postgres/database.ts'

type Plan = {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string | undefined
  readonly 'Index Name'?: string | undefined
  readonly Plans?: readonly Plan[] | undefined
}
const planSchema: z.ZodType<Plan> = z.lazy(() =>
  z.object({
    'Node Type': z.string(),
    'Relation Name': z.string().optional(),
    'Index Name': z.string().optional(),
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

/** Has Postgres explain every statement of a request. */
export async function explain(database: Queryable, target: string): Promise<Looks> {
  const statements: { text: string; values: readonly unknown[] }[] = []
  const spied: Queryable = {
    query: (text, values = []) => {
      statements.push({ text, values })
      return database.query(text, values)
    },
  }
  const parts = { corsOrigins: [], now: Date.now, logError: () => {}, measure: () => {} }
  await createApp({ ...parts, database: spied }).request(target)
  const partitions = new Set<string>()
  const ways = new Set<string>()
  let [planningMs, executionMs] = [0, 0]
  for (const { text, values } of statements) {
    const { rows } = await database.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, values)
    const [
      {
        'QUERY PLAN': [explained],
      },
    ] = explainedSchema.parse(rows)
    planningMs += explained['Planning Time']
    executionMs += explained['Execution Time']
    for (const node of nodesOf(explained.Plan)) {
      const relation = node['Relation Name']
      if (relation === undefined || !relation.startsWith('ohlcv_1min')) continue
      partitions.add(relation)
      ways.add(node['Node Type'])
    }
  }
  return { partitions: partitions.size, ways: [...ways].toSorted(), planningMs, executionMs }
}

function nodesOf(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)]
}
