import { appendFileSync, readFileSync } from 'node:fs'

import * as z from 'zod'

import { codeOf } from 'embedded-aws/errors'

const actionSchema = z.object({ at: z.number(), who: z.string(), what: z.string() })

/** What an operator did, and when (Unix milliseconds). */
type Action = Readonly<z.infer<typeof actionSchema>>

/** What operators did through the dashboard. */
export type Actions = {
  record(what: string): void
  /** The newest first. */
  list(): readonly Action[]
}

const SHOWN = 200

/**
 * Keeps the actions in a file of lines of JSON, readable by its user only.
 *
 * @param now the wall clock, in milliseconds
 */
export function openActions(file: string, now: () => number = Date.now): Actions {
  return {
    record: (what) => {
      const action: Action = { at: now(), who: 'operator on this machine', what }
      appendFileSync(file, `${JSON.stringify(action)}\n`, { mode: 0o600 })
    },
    list: () => linesOf(file).slice(-SHOWN).toReversed().flatMap(read),
  }
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}

/** Nothing for a line that a crash cut short. */
function read(line: string): Action[] {
  try {
    return [actionSchema.parse(JSON.parse(line))]
  } catch {
    return []
  }
}
