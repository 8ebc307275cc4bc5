import {
  type ColumnMetaData,
  type Compressors,
  type DecodedArray,
  type FileMetaData,
  type ParquetParsers,
  parquetSchema,
  type SchemaTree,
} from 'hyparquet'
import { parquetHeader, readPage } from 'hyparquet/src/column.js'
import { convert, DEFAULT_PARSERS } from 'hyparquet/src/convert.js'
import { decompressPage, readDataPage } from 'hyparquet/src/datapage.js'

import { type Coded, joined } from './coded.ts'
import { readPlaces } from './dictionary-places.ts'

type RowGroup = FileMetaData['row_groups'][number]
type Reader = Parameters<typeof parquetHeader>[0]
type Header = ReturnType<typeof parquetHeader>
type Decoder = Parameters<typeof readPage>[2]

/** A column of a row group that is no list and has a value in each row. */
export type WholeColumn = {
  readonly meta: ColumnMetaData
  readonly leaf: SchemaTree
  readonly root: SchemaTree
  /** Where its bytes are in the file. */
  readonly start: number
  readonly end: number
}

/** The column of that name, if the file says that it is such a one. */
export function findWholeColumn(
  metadata: FileMetaData,
  group: RowGroup,
  name: string,
): WholeColumn | undefined {
  const root = parquetSchema(metadata)
  const leaf = root.children.find(({ element }) => element.name === name)
  const meta = group.columns.find(
    ({ meta_data: chunk }) => chunk?.path_in_schema.join('.') === name,
  )?.meta_data
  if (leaf === undefined || meta === undefined || leaf.children.length > 0) return undefined
  const { repetition_type: repetition } = leaf.element
  if (repetition === 'REPEATED') return undefined
  if (repetition !== 'REQUIRED' && meta.statistics?.null_count !== 0n) return undefined
  const start = meta.dictionary_page_offset || meta.data_page_offset
  return { meta, leaf, root, start: Number(start), end: Number(start + meta.total_compressed_size) }
}

export type ReadColumnOptions = {
  readonly compressors: Compressors
  /** How values of types that are more than numbers and texts are made. @default those of hyparquet */
  readonly parsers?: Partial<ParquetParsers>
  /** How many values are wanted from the first on. @default all */
  readonly limit?: number
}

/**
 * The values of a column as its pages store them, numbers as typed arrays. hyparquet by itself puts each value of an optional
 * column into a list, which takes several times as long and makes an object of each 64-bit number.
 *
 * @param bytes from `start` to `end` of the column
 * @returns undefined where hyparquet is to read it
 */
export function readWholeColumn(
  bytes: ArrayBuffer,
  { meta, leaf, root }: WholeColumn,
  { compressors, parsers, limit = Infinity }: ReadColumnOptions,
): DecodedArray | Coded | undefined {
  const required = { ...leaf, element: { ...leaf.element, repetition_type: 'REQUIRED' as const } }
  const decoder: Decoder = {
    pathInSchema: meta.path_in_schema,
    type: meta.type,
    element: required.element,
    schemaPath: [root, required],
    codec: meta.codec,
    parsers: { ...DEFAULT_PARSERS, ...parsers },
    compressors,
    utf8: false,
  }
  const isOptional = leaf.element.repetition_type !== 'REQUIRED'
  const reader = { view: new DataView(bytes), offset: 0 }
  const pages: (DecodedArray | Coded)[] = []
  let dictionary: DecodedArray | undefined
  for (let left = Math.min(Number(meta.num_values), limit); left > 0;) {
    const header = parquetHeader(reader)
    if (header.type === 'DICTIONARY_PAGE') {
      const { data = [] } = readPage(reader, header, decoder, undefined, undefined, 0)
      dictionary = convert(data, decoder)
      continue
    }
    const page = readPageOf(reader, header, { decoder, isOptional })
    const count = Math.min(page?.header.num_values ?? 0, left)
    const values = page && count > 0 ? valuesOf(page, count, { decoder, dictionary }) : undefined
    if (values === undefined) return undefined
    pages.push(values)
    left -= count
  }
  return joined(pages)
}

type Page = { readonly bytes: Uint8Array; readonly header: Parameters<typeof readDataPage>[1] }

/** The bytes of a page after its levels. All of its values are there, so that the levels say nothing. */
function readPageOf(
  reader: Reader,
  header: Header,
  { decoder, isOptional }: { readonly decoder: Decoder; readonly isOptional: boolean },
): Page | undefined {
  const { data_page_header: first, data_page_header_v2: second, uncompressed_page_size: size } = header
  const { codec, compressors } = decoder
  const { buffer, byteOffset } = reader.view
  const stored = new Uint8Array(buffer, byteOffset + reader.offset, header.compressed_page_size)
  reader.offset += header.compressed_page_size
  if (first !== undefined) {
    if (isOptional && first.definition_level_encoding !== 'RLE') return undefined
    const bytes = decompressPage(stored, size, codec, compressors)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const levels = isOptional ? 4 + view.getUint32(0, true) : 0
    return { bytes: bytes.subarray(levels), header: first }
  }
  if (second === undefined) return undefined
  const levels = second.repetition_levels_byte_length + second.definition_levels_byte_length
  const rest = stored.subarray(levels)
  const isStored = second.is_compressed === false
  return {
    bytes: isStored ? rest : decompressPage(rest, size - levels, codec, compressors),
    header: { ...second, definition_level_encoding: 'RLE', repetition_level_encoding: 'RLE' },
  }
}

/** The first values of a page. */
function valuesOf(
  { bytes, header }: Page,
  count: number,
  { decoder, dictionary }: { readonly decoder: Decoder; readonly dictionary: DecodedArray | undefined },
): DecodedArray | Coded | undefined {
  if (header.encoding.endsWith('_DICTIONARY')) {
    const places = dictionary && readPlaces(bytes, count, dictionary.length)
    return dictionary && places && { dictionary, places }
  }
  // Other encodings say themselves how many values there are.
  const read = header.encoding === 'PLAIN' ? { ...header, num_values: count } : header
  const { dataPage } = readDataPage(bytes, read, decoder)
  return convert(dataPage.length > count ? dataPage.slice(0, count) : dataPage, decoder)
}
