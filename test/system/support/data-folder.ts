import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { inject } from 'vitest'

import { waitFor } from './wait-for.ts'

/** A temporary folder that root's Postgres can enter, and so stays in. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tickstock-test-'))
  chmodSync(folder, 0o755)
  return folder
}

/** Makes a data folder whose database has the schema: the first start in it migrates nothing. */
export async function prepareData(data: string): Promise<string> {
  const prepared = inject('preparedDatabase')
  const [postgres, failure] = [join(prepared, 'postgres'), join(prepared, 'failure')]
  await waitFor(() => existsSync(postgres) || existsSync(failure), 'the prepared database')
  if (existsSync(failure)) throw new Error(readFileSync(failure, 'utf8'))
  mkdirSync(data, { recursive: true })
  cpSync(postgres, join(data, 'postgres'), { recursive: true })
  return data
}

/** A temporary data folder whose database has the schema. */
export function preparedData(): Promise<string> {
  return prepareData(temporaryFolder())
}
