import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { accepts } from 'hono/accepts'

import type { Queryable } from '../shared/postgres/database.ts'
import type { TradingHours } from '../shared/runtime/trading-hours.ts'
import { type Formulas, type Table, toCsv } from './http/csv.ts'
import { respondWith } from './http/etag.ts'
import { formulasParameter } from './http/parameters.ts'
import { parse, valuesOf } from './http/read-parameters.ts'

/** What every endpoint depends on. */
export type Sources = {
  readonly database: Queryable
  /** Unix milliseconds. */
  readonly now: () => number
  /** What the clock of the database shows, Unix milliseconds. */
  readonly databaseNow: () => Promise<number>
  /** Names of the indicators that are computed. */
  readonly indicators: readonly string[]
  /** When bars are expected. */
  readonly tradingHours: TradingHours
}

/**
 * How long an answer is valid: `live` may change at any time, `settled` only when old trades are replayed, `fixed` never.
 */
export type Lifetime = 'live' | 'settled' | 'fixed'

const CACHE_CONTROL: Readonly<Record<Lifetime, string>> = {
  live: 'private, no-cache',
  settled: 'private, max-age=3600',
  fixed: 'private, max-age=31536000, immutable',
}

/** The answer of an endpoint. */
export type Answer = {
  /** Becomes JSON. */
  readonly json: unknown
  /** The same as a table, where the answer is a list. */
  readonly table?: Table
  readonly nextPageToken?: string | null
  readonly lifetime: Lifetime
  /** @default 200 */
  readonly status?: 200 | 503
}

/** A resource: its parameters, its answer, and how it is read. */
export type Endpoint<Shape extends z.ZodRawShape = z.ZodRawShape> = {
  /** With path parameters in braces. */
  readonly path: string
  readonly summary: string
  readonly description: string
  /** Those in the path and those in the query, by name. */
  readonly parameters: z.ZodObject<Shape>
  /** Of the JSON answer. */
  readonly answer: z.ZodType
  /** Offered as CSV too. */
  readonly lists: 'rows' | 'nothing'
  readonly read: (parameters: z.output<z.ZodObject<Shape>>, sources: Sources) => Promise<Answer>
}

/** An endpoint after its types were checked. */
export type Served = Omit<Endpoint, 'read'> & {
  readonly serve: (context: Context, sources: Sources) => Promise<Response>
}

/** Parameters of each endpoint that offers CSV. */
const ofCsv = z.object({ formulas: formulasParameter })

/** Checks an endpoint's types, and lets it answer requests. */
export function endpoint<Shape extends z.ZodRawShape>(definition: Endpoint<Shape>): Served {
  const { read, parameters, lists, ...described } = definition
  const all = lists === 'rows' ? { ...parameters.shape, ...ofCsv.shape } : parameters.shape
  const names = Object.keys(all)
  return {
    ...described,
    lists,
    parameters: z.object(all),
    serve: async (context, sources) => {
      const values = valuesOf(context)
      const given = parse(parameters, { values, names })
      const { formulas } = parse(ofCsv, { values, names })
      return respond(context, await read(given, sources), { lists, formulas })
    },
  }
}

function respond(
  context: Context,
  answer: Answer,
  { lists, formulas }: Pick<Endpoint, 'lists'> & { readonly formulas: Formulas },
): Response {
  const csv = lists === 'rows' && answer.table !== undefined && wantsCsv(context)
  const body = csv && answer.table ? toCsv(answer.table, formulas) : JSON.stringify(answer.json)
  return respondWith(context, body, {
    contentType: csv ? 'text/csv; charset=utf-8' : 'application/json',
    headers: {
      'cache-control': CACHE_CONTROL[answer.lifetime],
      vary: 'accept, accept-encoding, x-api-key',
      ...(answer.nextPageToken && { 'x-next-page-token': answer.nextPageToken }),
    },
    ...(answer.status && { status: answer.status }),
  })
}

function wantsCsv(context: Context): boolean {
  const supports = ['application/json', 'text/csv']
  return accepts(context, { header: 'Accept', supports, default: 'application/json' }) === 'text/csv'
}
