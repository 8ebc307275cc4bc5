import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import * as z from 'zod'
import { codeOf, DamagedError, messageOf } from '../errors.ts'
import { makeFolder } from './owner-only.ts'

/**
 * Reads what `writeState` wrote; undefined if there is no such file.
 * Throws a DamagedError if the file cannot be read.
 */
export function readState<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
): z.output<Schema> | undefined {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error)
    throw new DamagedError(file, `is damaged (${reason})`, { cause: error })
  }
}

/** Replaces a file as a whole, so that a crash leaves the old or the new one; only the owner may read it. */
export function writeState(file: string, value: unknown): void {
  makeFolder(dirname(file))
  const next = `${file}.next`
  writeFileSync(next, `${JSON.stringify(value, undefined, 2)}\n`, { mode: 0o600 })
  renameSync(next, file)
}
