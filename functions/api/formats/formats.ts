import type { Body } from '../http/etag.ts'
import type { Table } from '../http/table.ts'
import type { WriteOptions } from './columns.ts'
import { toCsv } from './csv.ts'
import { toNdjson } from './ndjson.ts'

type Write = (table: Table, options: WriteOptions) => Body | Promise<Body>

/** The names of all forms of an answer; of those that a client likes as well, the first. */
export const FORMAT_NAMES = ['json', 'csv', 'ndjson', 'arrow', 'parquet'] as const

export type FormatName = (typeof FORMAT_NAMES)[number]

/** The forms in which a list of rows can be given, beside JSON. What is large is loaded by the first request for it. */
export const FORMATS = {
  json: { mediaType: 'application/json' },
  csv: { mediaType: 'text/csv', write: toCsv },
  ndjson: { mediaType: 'application/x-ndjson', write: toNdjson },
  arrow: {
    mediaType: 'application/vnd.apache.arrow.stream',
    write: async (table, options) => (await import('./arrow.ts')).toArrow(table, options),
  },
  parquet: {
    mediaType: 'application/vnd.apache.parquet',
    write: async (table, options) => (await import('./parquet.ts')).toParquet(table, options),
  },
} as const satisfies Record<'json', { mediaType: string }> &
  Record<Exclude<FormatName, 'json'>, { mediaType: string; write: Write }>

/** Whether a media type is that of a form that is no text. */
export function isBinary(mediaType: string | null): boolean {
  return mediaType === FORMATS.arrow.mediaType || mediaType === FORMATS.parquet.mediaType
}
