import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import * as z from 'zod'

import type { HoursKind } from '../../functions/domain/calendar/calendar.ts'
import { installPythonPackage } from '../support/python-package.ts'

const run = promisify(execFile)

/** The source of the calendars, and the second one that they are compared with; both are of PyPI. */
export const SOURCE = { name: 'exchange_calendars', version: '4.13.2' }
const SECOND_SOURCE = { name: 'pandas_market_calendars', version: '5.5.0' }

const HOME = fileURLToPath(new URL('../../node_modules/.cache/calendars', import.meta.url))

const sessionSchema = z
  .tuple([z.string(), z.number(), z.number(), z.number(), z.number()])
  .transform(([day, open, close, from, until]) => ({ day, open, close, from, until }))

const exchangeSchema = z.object({ timeZone: z.string(), last: z.string(), sessions: z.array(sessionSchema) })

/** The sessions of an exchange: minutes past midnight of their day, and Unix seconds. */
export type Sessions = z.infer<typeof exchangeSchema>

/** Reads sessions of exchanges by a script beside this file. */
export async function readSessions(
  script: 'sessions.py' | 'second-source.py',
  {
    first,
    last,
    kind = 'regular',
  }: { readonly first: string; readonly last: string; readonly kind?: HoursKind },
): Promise<ReadonlyMap<string, Sessions>> {
  const { name, version } = SECOND_SOURCE
  const python = await installPythonPackage(name, {
    version,
    home: HOME,
    beside: [`${SOURCE.name}==${SOURCE.version}`],
  })
  const { stdout } = await run(python, [fileURLToPath(new URL(script, import.meta.url)), first, last, kind], {
    maxBuffer: 64 * 1024 * 1024,
  })
  return new Map(Object.entries(z.record(z.string(), exchangeSchema).parse(JSON.parse(stdout))))
}
