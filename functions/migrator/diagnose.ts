import type { Client } from 'pg'

/** What the database does at a moment: JSON, at most some kilobytes. */
export type Diagnosis = {
  /** Connections by who holds them and what they do; the longest such state in seconds. */
  readonly connections: readonly Readonly<Record<string, unknown>>[]
  /** What runs now, the longest first; `seconds` since it began, `waits_for` a lock, a disk, a client. */
  readonly statements: readonly Readonly<Record<string, unknown>>[]
  /** The largest tables with their partitions, in bytes. */
  readonly tables: readonly Readonly<Record<string, unknown>>[]
}

/** Looks, and changes nothing. The text of a statement has no values in it: they travel beside it. */
export async function diagnose(client: Client): Promise<Diagnosis> {
  await client.query('SET default_transaction_read_only = on')
  const connections = await client.query<Record<string, unknown>>(`
    SELECT application_name, usename, state, count(*)::int AS count,
      round(max(extract(epoch FROM now() - state_change)))::int AS longest
    FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
    GROUP BY 1, 2, 3 ORDER BY 4 DESC LIMIT 30`)
  const statements = await client.query<Record<string, unknown>>(`
    SELECT pid, application_name, usename, round(extract(epoch FROM now() - query_start))::int AS seconds,
      concat_ws(' ', wait_event_type, wait_event) AS waits_for, left(query, 300) AS statement
    FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND state <> 'idle' AND pid <> pg_backend_pid()
    ORDER BY query_start LIMIT 20`)
  const tables = await client.query<Record<string, unknown>>(`
    SELECT coalesce(pg_partition_root(oid), oid)::regclass::text AS name,
      sum(pg_total_relation_size(oid))::text AS bytes, count(*)::int AS partitions
    FROM pg_class WHERE relkind = 'r' AND relnamespace IN ('public'::regnamespace, 'partitions'::regnamespace)
    GROUP BY 1 ORDER BY sum(pg_total_relation_size(oid)) DESC LIMIT 20`)
  return { connections: connections.rows, statements: statements.rows, tables: tables.rows }
}

/** Ends a session, and what it runs; false when there is none of that number. */
export async function endSession(client: Client, pid: number): Promise<{ readonly ended: boolean }> {
  const { rows } = await client.query<{ ended: boolean }>('SELECT pg_terminate_backend($1) AS ended', [pid])
  return { ended: rows[0]?.ended ?? false }
}
