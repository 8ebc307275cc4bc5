import { plainName } from './table.ts'

/** Files that are known by how they begin, and are not read. */
const OTHERS: readonly (readonly [what: string, hex: string, at?: number])[] = [
  ['an xz file: decompress it first', 'fd377a585a00'],
  ['a 7-Zip archive: unpack it first', '377abcaf271c'],
  ['an LZ4 file: decompress it first', '04224d18'],
  ['a RAR archive: unpack it first', '526172211a07'],
  ['a tar archive: unpack it first', '7573746172', 257],
  ['an Arrow or Feather file: write it as Parquet or CSV', '4152524f5731'],
  ['an Avro file: write it as Parquet or CSV', '4f626a01'],
  ['an ORC file: write it as Parquet or CSV', '4f5243'],
  ['an HDF5 file: write it as Parquet or CSV', '894844460d0a1a0a'],
  ['a SQLite database: write the trades as CSV', '53514c69746520666f726d6174203300'],
  ['a PDF', '25504446'],
  ['an old Excel file: save it as CSV', 'd0cf11e0a1b11ae1'],
  ['a DBZ file, the form before DBN: convert it with the tools of Databento', '515019184442'],
  ['text in UTF-16: save it as UTF-8', 'fffe'],
  ['text in UTF-16: save it as UTF-8', 'feff'],
]

/** What a file is that is not read; undefined for one that may be text. */
export function otherFile(head: Uint8Array): string | undefined {
  const bytes = Buffer.from(head)
  for (const [what, hex, at = 0] of OTHERS)
    if (bytes.subarray(at, at + hex.length / 2).toString('hex') === hex) return what
  const begun = bytes.subarray(0, 1024)
  const controls = begun.filter((byte) => byte < 9 || (byte > 13 && byte < 32)).length
  // A stray control character is one row's fault.
  const isBinary = begun.includes(0) || controls > begun.length / 10
  return isBinary ? `no text: it begins with the bytes ${bytes.subarray(0, 8).toString('hex')}` : undefined
}

/** What a table is that has no trades, by the names of its columns or, without names, by its shape. */
export function otherTable(columns: readonly string[]): string | undefined {
  const names = new Set(columns.map(plainName))
  const has = (...wanted: readonly string[]): boolean => wanted.every((name) => names.has(name))
  if (has('open', 'high', 'low', 'close') || has('o', 'h', 'l', 'c')) return 'bars'
  if ((has('bidprice', 'askprice') || has('bid', 'ask') || has('bp', 'ap')) && !has('price')) return 'quotes'
  if ([...names].some((name) => /^(bids|asks)\d*(price|amount)?$|^bidpx00$/.test(name))) return 'order books'
  return undefined
}
