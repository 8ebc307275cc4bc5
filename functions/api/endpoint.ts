import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { accepts } from 'hono/accepts'

import type { Queryable } from '../shared/postgres/database.ts'
import type { AnalysisFields } from '../shared/runtime/analysis-fields.ts'
import type { TradingHours } from '../shared/runtime/trading-hours.ts'
import type { WriteOptions } from './formats/columns.ts'
import { FORMAT_NAMES, type FormatName, FORMATS } from './formats/formats.ts'
import { type Body, respondWith } from './http/etag.ts'
import { fitIntoLambda } from './http/lambda-result.ts'
import { formatParameter, formulasParameter } from './http/parameters.ts'
import { parse, valuesOf } from './http/read-parameters.ts'
import type { Table } from './http/table.ts'

/** What every endpoint depends on. */
export type Sources = {
  readonly database: Queryable
  /** Unix milliseconds. */
  readonly now: () => number
  /** What the clock of the database shows, Unix milliseconds. */
  readonly databaseNow: () => Promise<number>
  /** Names of the indicators that are computed. */
  readonly indicators: readonly string[]
  /** What is computed of bars. */
  readonly analysis: AnalysisFields
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

/** The answer of an endpoint. What it is not asked for is not made. */
export type Answer = {
  /** Becomes JSON. */
  readonly json: () => unknown
  /** The same as a table, where the answer is a list. */
  readonly table?: () => Table
  readonly nextPageToken?: string | null
  readonly lifetime: Lifetime
  /** @default 200 */
  readonly status?: 200 | 503
  /** A page of about that share of its rows, where it may have fewer. */
  readonly shorten?: (share: number) => Answer
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
  /** Offered in all formats. */
  readonly lists: 'rows' | 'nothing'
  readonly read: (parameters: z.output<z.ZodObject<Shape>>, sources: Sources) => Promise<Answer>
}

/** An endpoint after its types were checked. */
export type Served = Omit<Endpoint, 'read'> & {
  readonly serve: (context: Context, sources: Sources) => Promise<Response>
}

/** Parameters of each endpoint that offers files. */
const ofFiles = z.object({ format: formatParameter, formulas: formulasParameter })

/** Checks an endpoint's types, and lets it answer requests. */
export function endpoint<Shape extends z.ZodRawShape>(definition: Endpoint<Shape>): Served {
  const { read, parameters, lists, ...described } = definition
  const all = lists === 'rows' ? { ...parameters.shape, ...ofFiles.shape } : parameters.shape
  const names = Object.keys(all)
  return {
    ...described,
    lists,
    parameters: z.object(all),
    serve: async (context, sources) => {
      const values = valuesOf(context)
      const given = parse(parameters, { values, names })
      const { format, formulas } = parse(ofFiles, { values, names })
      const wanted = lists === 'rows' ? (format ?? preferredFormat(context)) : 'json'
      const numbers = values.get('numbers') === 'string' ? 'string' : 'number'
      return await respond(context, await read(given, sources), { format: wanted, numbers, formulas })
    },
  }
}

type Form = WriteOptions & { readonly format: FormatName }

async function respond(context: Context, answer: Answer, form: Form): Promise<Response> {
  const { mediaType } = FORMATS[form.format]
  const body = await bodyOf(answer, form)
  const fit = await fitIntoLambda(body, context.req.header('accept-encoding'))
  if (fit.type === 'too-large' && answer.shorten !== undefined)
    return await respond(context, answer.shorten(fit.share * ROOM), form)
  return respondWith(context, body, {
    contentType: mediaType === 'text/csv' ? `${mediaType}; charset=utf-8` : mediaType,
    headers: {
      'cache-control': CACHE_CONTROL[answer.lifetime],
      vary: 'accept, accept-encoding, x-api-key',
      ...(answer.nextPageToken && { 'x-next-page-token': answer.nextPageToken }),
    },
    ...(answer.status && { status: answer.status }),
    compressed: fit.type === 'fits' ? fit.compressed : undefined,
  })
}

/** Rows differ in length. */
const ROOM = 0.95

async function bodyOf({ json, table }: Answer, { format, ...options }: Form): Promise<Body> {
  return format === 'json' || table === undefined
    ? JSON.stringify(json())
    : await FORMATS[format].write(table(), options)
}

/** What the client would rather have. */
function preferredFormat(context: Context): FormatName {
  const supports = FORMAT_NAMES.map((name) => FORMATS[name].mediaType)
  const wanted = accepts(context, { header: 'Accept', supports, default: FORMATS.json.mediaType })
  return FORMAT_NAMES.find((name) => FORMATS[name].mediaType === wanted) ?? 'json'
}
