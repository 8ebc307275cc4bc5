import { join } from 'node:path'

import * as z from 'zod'

import { connected } from '../stage/connected.ts'
import { count } from '../terminal/screen.ts'
import { folderSize } from './folder-size.ts'
import { openFiles, residentBytes } from './open-files.ts'
import { postgresFigures } from './process-figures.ts'
import type { Sample } from './soak-verdict.ts'

/** What is sampled: a deployment whose runtime is the process `pid`. */
export type Sampled = { readonly pid: number; readonly data: string; readonly readOnlyUrl: string }

const MB = 1024 * 1024
const FIGURES = `
  SELECT pg_database_size(current_database())::float8 AS bytes,
    (SELECT count(*)::int FROM ohlcv_1min) AS bars`
const figuresSchema = z.object({ bytes: z.number(), bars: z.int() })

/** What a deployment takes now, and how many bars it has. */
export async function takeSample({
  pid,
  data,
  readOnlyUrl,
}: Sampled): Promise<{ readonly sample: Sample; readonly bars: number }> {
  const all = folderSize(data)
  const [tables, streams] = [folderSize(join(data, 'aws/dynamodb')), folderSize(join(data, 'aws/kinesis'))]
  const postgresFolder = folderSize(join(data, 'postgres'))
  const log = folderSize(join(data, 'functions.log')).bytes + folderSize(join(data, 'functions.log.1')).bytes
  const { postgres, database, bars } = await connected(readOnlyUrl, async (client) => {
    const { bytes, bars: rows } = figuresSchema.parse((await client.query(FIGURES)).rows[0])
    // The folder of the server may lie elsewhere.
    return { postgres: await postgresFigures(client), database: bytes, bars: rows }
  })
  const sample = {
    memoryMb: (residentBytes(pid) ?? Number.NaN) / MB,
    postgresMb: (postgres?.memoryBytes ?? Number.NaN) / MB,
    openFiles: openFiles(pid) ?? Number.NaN,
    tablesMb: tables.bytes / MB,
    tableFiles: tables.files,
    streamsMb: streams.bytes / MB,
    databaseMb: database / MB,
    otherMb: (all.bytes - tables.bytes - streams.bytes - postgresFolder.bytes - log) / MB,
    logMb: log / MB,
  }
  return { sample, bars }
}

export const HEADER =
  ' minutes       bars  memory MB  Postgres MB  open files  tables MB  files  streams MB  database MB  other MB  log MB'

/** A sample below the header. */
export function sampleLine(minutes: number, sample: Sample, bars: number): string {
  const figures: readonly (readonly [text: string, width: number])[] = [
    [minutes.toFixed(1), 8],
    [count(bars), 9],
    [sample.memoryMb.toFixed(0), 9],
    [sample.postgresMb.toFixed(0), 11],
    [String(sample.openFiles), 10],
    [sample.tablesMb.toFixed(1), 9],
    [String(sample.tableFiles), 5],
    [sample.streamsMb.toFixed(1), 10],
    [sample.databaseMb.toFixed(1), 11],
    [sample.otherMb.toFixed(1), 8],
    [sample.logMb.toFixed(1), 6],
  ]
  return figures.map(([text, width]) => text.padStart(width)).join('  ')
}
