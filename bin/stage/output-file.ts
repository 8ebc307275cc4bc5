import { accessSync, constants, existsSync, realpathSync, statSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'

import type { ExportFormat } from '../../functions/rebuilder/export/export-task.ts'
import { UsageError } from '../terminal/errors.ts'

/** A file that a command writes; `option` is how the user has named it: `--out`. */
export type Output = {
  readonly option: string
  readonly file: string
  /** What it is written as. @default csv */
  readonly format?: ExportFormat | undefined
}

const BY_EXTENSION: ReadonlyMap<string, ExportFormat> = new Map([
  ['.ndjson', 'ndjson'],
  ['.jsonl', 'ndjson'],
  ['.arrow', 'arrow'],
  ['.parquet', 'parquet'],
])

/** The format that the name of a file says; CSV where it says none of the others. */
export function formatOfFile(file: string | undefined): ExportFormat {
  return BY_EXTENSION.get(extname(file ?? '').toLowerCase()) ?? 'csv'
}

/**
 * Refuses outputs that cannot be written, whose names say another format, that are an input, or that are one another, by
 * whatever names.
 *
 * @throws UsageError
 */
export function checkOutputs(outputs: readonly Output[], inputs: readonly string[]): void {
  const taken = new Map<string, string>(inputs.map((file) => [targetOf(file), `the input ${file}`]))
  for (const { option, file, format = 'csv' } of outputs) {
    const said = formatOfFile(file)
    if (format === 'csv' && said !== 'csv')
      throw new UsageError(`${option} ${file} would be CSV, and its name says ${said}: name another file`)
    const target = writableTarget(file)
    if (!isReplaceable(target)) continue
    const other = taken.get(target)
    if (other !== undefined) throw new UsageError(`${option} ${file} is ${other}: name another file`)
    taken.set(target, `the file of ${option} too`)
  }
}

/**
 * Writes a file beside the one of that name, and gives it the name once it is whole: what was there before stays until then.
 *
 * @param write writes the file whose path it is given
 */
export async function replaceFile<Result>(
  file: string,
  write: (path: string) => Promise<Result>,
): Promise<Result> {
  const target = targetOf(file)
  if (!isReplaceable(target)) return await write(target)
  const draft = join(dirname(target), `.${basename(target)}.${process.pid}.part`)
  try {
    const result = await write(draft)
    await rename(draft, target)
    return result
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

/** False for what is no file of bytes, such as a pipe or /dev/null. */
function isReplaceable(target: string): boolean {
  return !existsSync(target) || statSync(target).isFile()
}

/** Where a name leads, through links. */
function targetOf(file: string): string {
  if (existsSync(file)) return realpathSync(file)
  const folder = dirname(file)
  return join(existsSync(folder) ? realpathSync(folder) : folder, basename(file))
}

function writableTarget(file: string): string {
  const target = targetOf(file)
  try {
    if (existsSync(target)) {
      if (statSync(target).isDirectory()) throw new Error('it is a folder')
      accessSync(target, constants.W_OK)
    }
    if (isReplaceable(target)) accessSync(dirname(target), constants.W_OK | constants.X_OK)
    return target
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new UsageError(`${file} cannot be written (${reason}): check the folder and its permissions`)
  }
}
