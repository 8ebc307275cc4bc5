import {
  type ColumnMetaData,
  type Compressors,
  type DecodedArray,
  type FileMetaData,
  parquetSchema,
  type SchemaTree,
} from 'hyparquet'
import { parquetHeader, readPage } from 'hyparquet/src/column.js'
import { convert, DEFAULT_PARSERS } from 'hyparquet/src/convert.js'
import { decompressPage, readDataPage } from 'hyparquet/src/datapage.js'

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

/** Values that are no numbers, of a column that has each of them once and then their places. */
export type Coded = { readonly dictionary: readonly unknown[]; readonly places: ArrayLike<number> }

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
  compressors: Compressors,
): DecodedArray | Coded | undefined {
  const required = { ...leaf, element: { ...leaf.element, repetition_type: 'REQUIRED' as const } }
  const decoder: Decoder = {
    pathInSchema: meta.path_in_schema,
    type: meta.type,
    element: required.element,
    schemaPath: [root, required],
    codec: meta.codec,
    parsers: DEFAULT_PARSERS,
    compressors,
    utf8: false,
  }
  const isOptional = leaf.element.repetition_type !== 'REQUIRED'
  const reader = { view: new DataView(bytes), offset: 0 }
  const pages: (DecodedArray | Coded)[] = []
  let dictionary: DecodedArray | undefined
  for (let left = Number(meta.num_values); left > 0;) {
    const header = parquetHeader(reader)
    if (header.type === 'DICTIONARY_PAGE') {
      const { data = [] } = readPage(reader, header, decoder, undefined, undefined, 0)
      dictionary = convert(data, decoder)
      continue
    }
    const page = readPageOf(reader, header, { decoder, isOptional })
    if (page === undefined) return undefined
    const { values, encoding } = page
    if (values.length === 0) return undefined
    left -= values.length
    if (!encoding.endsWith('_DICTIONARY')) pages.push(convert(values, decoder))
    else if (dictionary !== undefined && arePlaces(values)) pages.push(lookedUp(dictionary, values))
    else return undefined
  }
  const [only] = pages
  return pages.length === 1 ? only : joined(pages.map(decoded))
}

/** The values themselves, of each row. */
export function decoded(values: DecodedArray | Coded): DecodedArray {
  if (!isCoded(values)) return values
  const { dictionary, places } = values
  const all: unknown[] = []
  for (let index = 0; index < places.length; index++) all.push(dictionary[places[index] ?? 0])
  return all
}

export function isCoded(values: DecodedArray | Coded): values is Coded {
  return 'places' in values
}

type Page = { readonly values: DecodedArray; readonly encoding: string }

/** The values of a page, or their places in the dictionary. All of them are there, so that its levels say nothing. */
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
    return valuesOf(bytes.subarray(levels), first, decoder)
  }
  if (second === undefined) return undefined
  const levels = second.repetition_levels_byte_length + second.definition_levels_byte_length
  const rest = stored.subarray(levels)
  const isStored = second.is_compressed === false
  return valuesOf(
    isStored ? rest : decompressPage(rest, size - levels, codec, compressors),
    { ...second, definition_level_encoding: 'RLE', repetition_level_encoding: 'RLE' },
    decoder,
  )
}

function valuesOf(bytes: Uint8Array, header: Parameters<typeof readDataPage>[1], decoder: Decoder): Page {
  return { values: readDataPage(bytes, header, decoder).dataPage, encoding: header.encoding }
}

function lookedUp(dictionary: DecodedArray, places: ArrayLike<number>): DecodedArray | Coded {
  const count = places.length
  if (dictionary instanceof BigInt64Array) {
    // In halves: a value of 64 bits that is taken out is an object.
    const from = new Int32Array(dictionary.buffer, dictionary.byteOffset, 2 * dictionary.length)
    const to = new Int32Array(2 * count)
    for (let index = 0; index < count; index++) {
      const place = places[index] ?? 0
      to[2 * index] = from[2 * place] ?? 0
      to[2 * index + 1] = from[2 * place + 1] ?? 0
    }
    return new BigInt64Array(to.buffer)
  }
  if (dictionary instanceof Float64Array) {
    const to = new Float64Array(count)
    for (let index = 0; index < count; index++) to[index] = dictionary[places[index] ?? 0] ?? Number.NaN
    return to
  }
  if (dictionary instanceof Int32Array) {
    const to = new Int32Array(count)
    for (let index = 0; index < count; index++) to[index] = dictionary[places[index] ?? 0] ?? 0
    return to
  }
  return { dictionary: [...dictionary], places }
}

function arePlaces(values: DecodedArray): values is Uint8Array | number[] {
  return values instanceof Uint8Array || Array.isArray(values)
}

function joined(pages: readonly DecodedArray[]): DecodedArray {
  const length = pages.reduce((sum, page) => sum + page.length, 0)
  if (pages.every((page) => page instanceof BigInt64Array))
    return inOrder(new BigInt64Array(length), pages, (to, page, at) => to.set(page, at))
  if (pages.every((page) => page instanceof Float64Array))
    return inOrder(new Float64Array(length), pages, (to, page, at) => to.set(page, at))
  if (pages.every((page) => page instanceof Int32Array))
    return inOrder(new Int32Array(length), pages, (to, page, at) => to.set(page, at))
  const values: unknown[] = []
  for (const page of pages) for (let index = 0; index < page.length; index++) values.push(page[index])
  return values
}

function inOrder<Values extends DecodedArray>(
  to: Values,
  pages: readonly Values[],
  set: (to: Values, page: Values, at: number) => void,
): Values {
  let at = 0
  for (const page of pages) {
    set(to, page, at)
    at += page.length
  }
  return to
}
