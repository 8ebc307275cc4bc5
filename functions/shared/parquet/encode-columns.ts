import { zstdCompressSync } from 'node:zlib'

import type { RowGroup, SchemaElement } from 'hyparquet'
import { ByteWriter, type ColumnSource, ParquetWriter } from 'hyparquet-writer'

export type Columns = {
  /** The root, and each column. */
  readonly schema: readonly SchemaElement[]
  /** Values of each column in the order of the schema; those of a decimal are its bytes, the highest first. */
  readonly data: readonly ColumnSource[]
  /** Rows of a row group. */
  readonly rowGroup: number
  /** Changes what the footer says of row groups. */
  readonly amend?: (groups: readonly RowGroup[]) => void
}

/** Columns as a Parquet file, compressed with zstd. */
export function encodeColumns({ schema, data, rowGroup, amend }: Columns): Uint8Array<ArrayBuffer> {
  const bytes = new ByteWriter()
  const writer = new ParquetWriter({
    writer: bytes,
    schema: schema.map(asBytes),
    codec: 'ZSTD',
    compressors: { ZSTD: (plain) => zstdCompressSync(plain) },
    createdBy: 'tickstock',
  })
  void writer.write({ columnData: [...data], rowGroupSize: rowGroup })
  amend?.(writer.row_groups)
  writer.schema = [...schema]
  void writer.finish()
  return bytes.getBytes().slice()
}

/** Of what is called a decimal, the writer would take big integers only, and spell them ten times as slowly. */
function asBytes(element: SchemaElement): SchemaElement {
  return element.converted_type === 'DECIMAL' ? { ...element, converted_type: undefined } : element
}
