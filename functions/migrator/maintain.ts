import type { Client } from 'pg'
import * as z from 'zod'

const countsSchema = z.object({ rows: z.tuple([z.record(z.string(), z.coerce.number())]) })

/** What one run of the maintenance did; rows are those of the default partitions. */
export type Maintained = {
  readonly partitionsCreated: number
  readonly partitionsDropped: number
  readonly rowsMoved: number
  readonly rowsDeleted: number
}

/**
 * Drops what is older than `retentionDays`, makes the partitions of the next `partitionsAhead` days, and
 * moves rows out of the default partitions. As the owner.
 */
export async function maintain(
  client: Client,
  options: { readonly retentionDays: number; readonly partitionsAhead: number },
): Promise<Maintained> {
  const dropped = await call(client, 'drop_old_partitions', options.retentionDays)
  await client.query('CALL trim_symbols($1)', [options.retentionDays])
  const created = await makePartitions(client, options.partitionsAhead)
  return {
    ...created,
    partitionsDropped: dropped['dropped'] ?? 0,
    rowsDeleted: dropped['deleted'] ?? 0,
  }
}

/** Makes the partitions of today and the `ahead` days after it, and of every day in a default partition. */
export async function makePartitions(
  client: Client,
  ahead: number,
): Promise<Pick<Maintained, 'partitionsCreated' | 'rowsMoved'>> {
  const counts = await call(client, 'ensure_partitions', ahead)
  return { partitionsCreated: counts['created'] ?? 0, rowsMoved: counts['moved'] ?? 0 }
}

async function call(
  client: Client,
  procedure: 'ensure_partitions' | 'drop_old_partitions',
  days: number,
): Promise<Record<string, number>> {
  return countsSchema.parse(await client.query(`CALL ${procedure}($1)`, [days])).rows[0]
}
