import { type FileMetaData, parquetMetadata, type RowGroup } from 'hyparquet'
import { ByteWriter, ParquetWriter } from 'hyparquet-writer'

/** Bytes of the mark at the beginning, and of the length and the mark behind the footer. */
const MARK = 4
const TAIL = 8

/** The row group of a file that has one, and the footer that describes it. */
export function rowGroupOf(file: Buffer): { readonly bytes: Buffer; readonly footer: Buffer } {
  const { row_groups: groups } = metadataOf(file)
  const end = Math.max(MARK, ...groups.flatMap(({ columns }) => columns.map(endOf)))
  const length = file.readUInt32LE(file.length - TAIL)
  return { bytes: file.subarray(MARK, end), footer: file.subarray(file.length - TAIL - length) }
}

/**
 * The footer of a file of row groups, each where it begins in the file.
 *
 * @param empty a file without rows, of the same columns
 */
export function footerOf(
  groups: readonly { readonly at: number; readonly footer: Buffer }[],
  empty: Buffer,
): Buffer {
  const { schema } = metadataOf(empty)
  const bytes = new ByteWriter()
  const writer = new ParquetWriter({ writer: bytes, schema, createdBy: 'tickstock' })
  for (const { at, footer } of groups)
    for (const group of metadataOf(footer).row_groups) {
      writer.row_groups.push(moved(group, BigInt(at - MARK)))
      writer.num_rows += group.num_rows
    }
  void writer.finish()
  return Buffer.from(bytes.getBytes()).subarray(MARK)
}

function metadataOf(file: Buffer): FileMetaData {
  return parquetMetadata(new Uint8Array(file).buffer)
}

type Column = RowGroup['columns'][number]

function endOf({ meta_data: data }: Column): number {
  if (data === undefined) return MARK
  return Number((data.dictionary_page_offset ?? data.data_page_offset) + data.total_compressed_size)
}

/** Without the indexes of its pages, which lay behind it and had places of their own. */
function moved(group: RowGroup, by: bigint): RowGroup {
  return {
    ...group,
    ...(group.file_offset !== undefined && { file_offset: group.file_offset + by }),
    columns: group.columns.map(({ file_path: path, meta_data: data }) => ({
      ...(path !== undefined && { file_path: path }),
      file_offset: 0n,
      ...(data && {
        meta_data: {
          ...data,
          data_page_offset: data.data_page_offset + by,
          ...(data.dictionary_page_offset !== undefined && {
            dictionary_page_offset: data.dictionary_page_offset + by,
          }),
        },
      }),
    })),
  }
}
