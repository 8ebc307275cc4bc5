import { type AsyncBuffer, type FileMetaData, parquetScan, type SchemaElement } from 'hyparquet'

import { isCoded } from '../../functions/shared/parquet/coded.ts'
import { findWholeColumn, readWholeColumn } from '../../functions/shared/parquet/whole-column.ts'
import { compressors } from './compressors.ts'
import type { ColumnGroup, ColumnValues, Row } from './table.ts'

/** A file, the columns at its top, and how rows with all of their cells are read from it. */
export type ColumnSource = {
  readonly file: AsyncBuffer
  readonly metadata: FileMetaData
  readonly top: readonly SchemaElement[]
  readonly readRows: (range: { readonly start: number; readonly end: number }) => Promise<readonly Row[]>
}

/** Some columns of each group of rows, as the file stores them. */
export async function* groupsOf(
  { file, metadata, top, readRows }: ColumnSource,
  places: readonly number[],
): AsyncGenerator<ColumnGroup, void, undefined> {
  const elements = places.map((place) => top[place]).filter((element) => element !== undefined)
  const stored = asStored(metadata)
  let start = 0
  for (const group of metadata.row_groups) {
    const end = start + Number(group.num_rows)
    const begin = start
    if (end > start)
      yield {
        start,
        length: end - start,
        columns: await columnsOf(file, stored, { group, elements, start, end }),
        rows: (from, to) => readRows({ start: begin + from, end: begin + to }),
      }
    start = end
  }
}

async function columnsOf(
  file: AsyncBuffer,
  metadata: FileMetaData,
  {
    group,
    elements,
    start,
    end,
  }: {
    readonly group: FileMetaData['row_groups'][number]
    readonly elements: readonly SchemaElement[]
    readonly start: number
    readonly end: number
  },
): Promise<ColumnValues[]> {
  return await Promise.all(
    elements.map(async (element) => ({
      ...((await wholeColumn(file, metadata, { group, name: element.name })) ??
        (await anyColumn(file, metadata, { name: element.name, start, end }))),
      scale: decimalScale(element),
      unit: unitOf(element),
    })),
  )
}

type Values = Pick<ColumnValues, 'values' | 'places'>

async function wholeColumn(
  file: AsyncBuffer,
  metadata: FileMetaData,
  { group, name }: { readonly group: FileMetaData['row_groups'][number]; readonly name: string },
): Promise<Values | undefined> {
  const column = findWholeColumn(metadata, group, name)
  const found = column && readWholeColumn(await file.slice(column.start, column.end), column, { compressors })
  if (found === undefined) return undefined
  return isCoded(found)
    ? { values: found.dictionary, places: found.places }
    : { values: found, places: undefined }
}

/** A column of any kind, rows that have no value included. */
async function anyColumn(
  file: AsyncBuffer,
  metadata: FileMetaData,
  { name, start, end }: { readonly name: string; readonly start: number; readonly end: number },
): Promise<Values> {
  const range = { rowStart: start, rowEnd: end }
  const scan = await parquetScan({ file, metadata, compressors, columns: [name], utf8: false, ...range })
  return { values: await scan.readColumn({ column: name, ...range }), places: undefined }
}

/** Timestamps and decimals as the whole numbers that they are made of. */
function asStored(metadata: FileMetaData): FileMetaData {
  return {
    ...metadata,
    schema: metadata.schema.map((element) => {
      if (decimalScale(element) === undefined && unitOf(element) === undefined) return element
      const { converted_type: _converted, logical_type: _logical, ...plain } = element
      return plain
    }),
  }
}

function unitOf({ converted_type: type, logical_type: logical }: SchemaElement): ColumnValues['unit'] {
  if (logical?.type === 'TIMESTAMP')
    return logical.unit === 'NANOS' ? 'ns' : logical.unit === 'MICROS' ? 'µs' : 'ms'
  if (type === 'TIMESTAMP_MICROS') return 'µs'
  return type === 'TIMESTAMP_MILLIS' ? 'ms' : undefined
}

/** Decimals of a column of decimals. */
export function decimalScale({
  converted_type: type,
  logical_type: logical,
  scale = 0,
}: SchemaElement): number | undefined {
  return type === 'DECIMAL' || logical?.type === 'DECIMAL' ? scale : undefined
}
