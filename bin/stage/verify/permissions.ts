import { randomBytes } from 'node:crypto'

import type { Client } from 'pg'
import * as z from 'zod'

import type { Connections } from './connections.ts'
import { type Finding, finding } from './finding.ts'
import { reasonOf } from './reason.ts'
import { roleOf } from './role.ts'

/** insufficient_privilege, read_only_sql_transaction */
const DENIED = new Set(['42501', '25006'])

const tablesSchema = z.array(z.object({ name: z.string(), column: z.string(), granted: z.array(z.string()) }))
const codeSchema = z.object({ code: z.string() })

/** What the role has been granted on each table: that is not tried, since it would take the table's locks. */
const TABLES = `
  SELECT format('%I.%I', nspname, relname) AS name, quote_ident(attname) AS column, ARRAY(
    SELECT statement FROM (VALUES ('INSERT', 'INSERT'), ('UPDATE', 'UPDATE'), ('DELETE', 'DELETE'),
      ('TRUNCATE', 'TRUNCATE'), ('COPY FROM', 'INSERT')) AS each (statement, privilege)
    WHERE has_table_privilege(pg_class.oid, privilege)
  ) AS granted
  FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace JOIN pg_attribute ON attrelid = pg_class.oid
  WHERE nspname IN ('public', 'partitions') AND relkind IN ('r', 'p') AND attnum = 1`

type Table = z.infer<typeof tablesSchema>[number]

const FORBIDDEN: Readonly<Record<string, (table: Table) => string>> = {
  INSERT: ({ name }) => `INSERT INTO ${name} SELECT * FROM ${name} LIMIT 0`,
  UPDATE: ({ name, column }) => `UPDATE ${name} SET ${column} = ${column} WHERE false`,
  DELETE: ({ name }) => `DELETE FROM ${name} WHERE false`,
  TRUNCATE: ({ name }) => `TRUNCATE ${name}`,
  'COPY FROM': ({ name }) => `COPY ${name} FROM STDIN`,
  'CREATE INDEX': ({ name, column }) => `CREATE INDEX ON ${name} (${column})`,
}

const FORBIDDEN_ANYWHERE: Readonly<Record<string, string>> = {
  'CREATE TABLE': 'CREATE TABLE public.tickstock_verify (id int)',
  'CREATE TEMPORARY TABLE': 'CREATE TEMPORARY TABLE tickstock_verify (id int)',
  'CREATE SCHEMA': 'CREATE SCHEMA tickstock_verify',
  'SET ROLE app_readwrite': 'SET ROLE app_readwrite',
}

/** Tries on every table, and on a new one, what the read role is allowed and what it is denied. Nothing is changed. */
export async function checkPermissions({ read, owner }: Connections): Promise<Finding[]> {
  const client = await read()
  try {
    // The permissions of the role itself, without its default of read-only transactions.
    await client.query('SET default_transaction_read_only = off')
    const role = await roleOf(client)
    if (role.type === 'wrong') return [role.finding]
    const tables = tablesSchema.parse((await client.query(`${TABLES} ORDER BY 1`)).rows)
    return [
      role.finding,
      ...(await onTables(client, tables, `${tables.length} tables`)),
      ...(await anywhere(client)),
      ...(await onLaterTable(client, owner)),
    ]
  } finally {
    await client.end()
  }
}

async function onTables(client: Client, tables: readonly Table[], where: string): Promise<Finding[]> {
  const findings: Finding[] = []
  const selected: string[] = []
  for (const { name } of tables) selected.push(await outcome(client, `SELECT * FROM ${name} LIMIT 1`))
  const readable = selected.filter((code) => code === 'allowed').length
  findings.push(
    finding(`app_readonly: SELECT, ${where}`, 'allowed', {
      found: `${readable} of ${tables.length} allowed`,
      holds: tables.length > 0 && readable === tables.length,
    }),
  )
  for (const [what, statement] of Object.entries(FORBIDDEN)) {
    const outcomes: string[] = []
    for (const table of tables)
      outcomes.push(table.granted.includes(what) ? 'granted' : await outcome(client, statement(table)))
    findings.push(denied(`${what}, ${where}`, outcomes))
  }
  return findings
}

async function anywhere(client: Client): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const [what, statement] of Object.entries(FORBIDDEN_ANYWHERE))
    findings.push(denied(what, [await outcome(client, statement)]))
  return findings
}

/** A table that did not exist when the rights were granted; where none can be created, the other findings count. */
async function onLaterTable(client: Client, owner: Connections['owner']): Promise<Finding[]> {
  try {
    return await onTableOf(await owner(), client)
  } catch (error) {
    return [
      {
        check: 'app_readonly: a table made later',
        expected: 'as the others',
        found: reasonOf(error),
        verdict: 'not-checked',
      },
    ]
  }
}

async function onTableOf(owner: Client, client: Client): Promise<Finding[]> {
  const table = `tickstock_verify_${randomBytes(4).toString('hex')}`
  try {
    await owner.query(`CREATE TABLE public.${table} (symbol text)`)
    const made = await client.query(`${TABLES} AND relname = $1`, [table])
    return await onTables(client, tablesSchema.parse(made.rows), 'a table made later')
  } finally {
    await owner.query(`DROP TABLE IF EXISTS public.${table}`)
    await owner.end()
  }
}

/** `allowed`, or the SQLSTATE. */
async function outcome(client: Client, statement: string): Promise<string> {
  try {
    await client.query('BEGIN')
    await client.query(statement)
    return 'allowed'
  } catch (error) {
    return codeSchema.safeParse(error).data?.code ?? String(error)
  } finally {
    await client.query('ROLLBACK')
  }
}

function denied(what: string, outcomes: readonly string[]): Finding {
  const kinds = [...new Set(outcomes)].toSorted()
  return finding(`app_readonly: ${what}`, 'denied (42501, 25006)', {
    found: kinds.length === 0 ? 'no table to try it on' : kinds.join(', '),
    holds: kinds.length > 0 && kinds.every((code) => DENIED.has(code)),
  })
}
