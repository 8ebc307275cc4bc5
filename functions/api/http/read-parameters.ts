import type { z } from '@hono/zod-openapi'
import type { Context } from 'hono'

import { BadRequestError } from './problem.ts'

/**
 * Each parameter's only value. Names are the client's: `__proto__` is one as good as any.
 *
 * @param ignored names that count for nothing in the query
 * @throws BadRequestError for a parameter that is there twice
 */
export function valuesOf(context: Context, ignored: readonly string[] = []): ReadonlyMap<string, string> {
  const values = new Map(Object.entries(context.req.param()))
  const query = new URL(context.req.url).searchParams
  const inPath = new Set(values.keys())
  for (const [name, value] of query) {
    if (ignored.includes(name)) continue
    // A query must not set a parameter of the path.
    if (inPath.has(name)) throw new BadRequestError([{ parameter: name, value, allowed: 'in the path only' }])
    if (values.has(name)) {
      const all = query.getAll(name)
      throw new BadRequestError([{ parameter: name, value: all.join(' and '), allowed: 'one value' }])
    }
    values.set(name, value)
  }
  return values
}

/**
 * Checks values against a schema, and that there are no others.
 *
 * @throws BadRequestError naming each that is wrong
 */
export function parse<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  { values, names }: { readonly values: ReadonlyMap<string, string>; readonly names: readonly string[] },
): z.output<z.ZodObject<Shape>> {
  const allowed = names.length === 0 ? 'no parameters here' : `only the parameters ${names.join(', ')}`
  const unknown = [...values].filter(([name]) => !names.includes(name))
  const parsed = schema.safeParse(Object.fromEntries(values))
  const issues = parsed.error?.issues.map(({ path, message }) => ({ name: path.join('.'), message })) ?? []
  const wrong = new Set([...unknown.map(([name]) => name), ...issues.map(({ name }) => name)])
  // Postgres has no such character: nothing can be found by it, and a statement fails.
  const withNull = [...values].filter(([name, value]) => value.includes('\0') && !wrong.has(name))
  if (parsed.success && unknown.length === 0 && withNull.length === 0) return parsed.data
  throw new BadRequestError([
    ...unknown.map(([parameter, value]) => ({ parameter, value, allowed })),
    ...withNull.map(([parameter, value]) => ({ parameter, value, allowed: 'text without U+0000' })),
    ...issues.map(({ name, message }) => ({
      parameter: name,
      value: values.get(name) ?? null,
      allowed: message,
    })),
  ])
}
