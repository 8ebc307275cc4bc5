import * as z from 'zod'

import type { Queryable } from '../shared/postgres/database.ts'
import {
  type CorporateAction,
  type corporateActionsSchema,
  isNone,
  type WrittenActions,
} from './corporate-actions.ts'

// One statement, so that no reader sees half of it. `given` has no row for what there is not; `old` is empty for an added row.
const WRITE = `
  WITH given AS (
    SELECT * FROM unnest($1::text[], $2::date[], $3::text[], $4::numeric[], $5::numeric[], $6::numeric[])
      AS action (symbol, ex_date, kind, new_shares, old_shares, amount)
  ), gone AS (
    SELECT * FROM unnest($7::text[], $8::date[], $9::text[]) AS action (symbol, ex_date, kind)
  ), removed AS (
    DELETE FROM corporate_actions AS stored
    WHERE (symbol, ex_date, kind) IN (SELECT symbol, ex_date, kind FROM gone)
      OR (symbol = ANY($10::text[]) AND (symbol, ex_date, kind) NOT IN (SELECT symbol, ex_date, kind FROM given))
    RETURNING (symbol, ex_date, kind) IN (SELECT symbol, ex_date, kind FROM gone) AS is_named
  ), written AS (
    INSERT INTO corporate_actions AS stored (symbol, ex_date, kind, new_shares, old_shares, amount)
    SELECT * FROM given ORDER BY symbol, ex_date, kind
    ON CONFLICT (symbol, ex_date, kind) DO UPDATE SET
      new_shares = excluded.new_shares, old_shares = excluded.old_shares, amount = excluded.amount, written_at = now()
    WHERE (stored.new_shares, stored.old_shares, stored.amount)
      IS DISTINCT FROM (excluded.new_shares, excluded.old_shares, excluded.amount)
    RETURNING (old.symbol IS NULL) AS inserted
  )
  SELECT (SELECT count(*) FILTER (WHERE inserted) FROM written)::integer AS added,
    (SELECT count(*) FILTER (WHERE NOT inserted) FROM written)::integer AS changed,
    (SELECT count(*) FROM removed)::integer AS removed,
    (SELECT count(*) FILTER (WHERE is_named) FROM removed)::integer AS named`

const rowsSchema = z.tuple([z.object({ added: z.int(), changed: z.int(), removed: z.int(), named: z.int() })])

/**
 * Stores corporate actions as they are given, and removes those that are said to be none. Repeating it changes nothing.
 *
 * @throws what the database throws; then nothing was written
 */
export async function writeActions(
  database: Queryable,
  { actions, whole }: z.output<typeof corporateActionsSchema>,
): Promise<WrittenActions> {
  const given = actions.filter((action) => !isNone(action))
  const gone = actions.filter(isNone)
  const { rows } = await database.query(WRITE, [
    ...keysOf(given),
    given.map((action) => (action.kind === 'split' ? action.new_shares : null)),
    given.map((action) => (action.kind === 'split' ? action.old_shares : null)),
    given.map((action) => (action.kind === 'dividend' ? action.amount : null)),
    ...keysOf(gone),
    whole,
  ])
  const [{ added, changed, removed, named }] = rowsSchema.parse(rows)
  return { added, changed, removed, unchanged: actions.length - added - changed - named }
}

function keysOf(actions: readonly CorporateAction[]): (readonly string[])[] {
  return [
    actions.map(({ symbol }) => symbol),
    actions.map((action) => action.ex_date),
    actions.map(({ kind }) => kind),
  ]
}
