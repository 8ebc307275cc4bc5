import { TradeFileError } from '../errors.ts'
import { ByteReader } from './byte-reader.ts'
import { type DbnMetadata, readMetadata, SCHEMAS } from './dbn-metadata.ts'
import type { BadRow, Row, Table } from './table.ts'

/** The columns of Databento's CSV of the same records. */
const COLUMNS = [
  'ts_recv',
  'ts_event',
  'publisher_id',
  'instrument_id',
  'action',
  'side',
  'price',
  'size',
  'sequence',
  'symbol',
]

const HEADER_BYTES = 16
/** Bytes of a record that trades and tbbo have in common. */
const TRADE_BYTES = 48
/** Records of trades, and of trades with the best bid and offer before them. */
const TRADE_TYPES = new Set([0x00, 0x01])
const [TBBO, TRADES] = [3, 4]

/**
 * Reads Databento Binary Encoding, versions 1 to 3: https://databento.com/docs/standards-and-conventions/databento-binary-encoding
 *
 * @throws TradeFileError when it holds no trades, or ends within a record
 */
export async function readDbn(name: string, chunks: AsyncIterable<Uint8Array>): Promise<Table> {
  const bytes = new ByteReader(chunks)
  const metadata = await readMetadata(name, bytes)
  const { schema } = metadata
  if (schema !== TRADES && schema !== TBBO && schema !== undefined)
    throw new TradeFileError(
      'no-trades',
      `${name} is a DBN file of ${SCHEMAS[schema] ?? `schema ${schema}`}, not of trades: fetch the schema trades.`,
      { file: name },
    )
  return { name, kind: 'DBN', columns: COLUMNS, batches: recordsOf(name, bytes, metadata) }
}

async function* recordsOf(
  name: string,
  bytes: ByteReader,
  metadata: DbnMetadata,
): AsyncGenerator<readonly (Row | BadRow)[], void, undefined> {
  let place = 0
  for (;;) {
    const rows: (Row | BadRow)[] = []
    let record = bytes.takeNow(await lengthOfNext(bytes))
    if (record === undefined) {
      const left = await bytes.rest()
      if (left === 0) return
      throw new TradeFileError(
        'damaged',
        `${name}: the DBN data is cut short, ${left} bytes into record ${place + 1}: fetch it anew.`,
        { file: name, line: place + 1 },
      )
    }
    while (record !== undefined) {
      rows.push(rowOf(record, ++place, metadata))
      record = bytes.takeNow((bytes.peekNow(0) ?? 0) * 4)
    }
    yield rows
  }
}

async function lengthOfNext(bytes: ByteReader): Promise<number> {
  const [words = 0] = (await bytes.peek(1)) ?? []
  await bytes.peek(words * 4)
  return words * 4
}

function rowOf(record: Buffer, place: number, metadata: DbnMetadata): Row | BadRow {
  const type = record.length < HEADER_BYTES ? -1 : record.readUInt8(1)
  if (!TRADE_TYPES.has(type) || record.length < TRADE_BYTES)
    return {
      type: 'bad-row',
      place,
      reason: `a record of type ${type}, not a trade`,
      text: record.toString('hex'),
    }
  const instrument = record.readUInt32LE(4)
  const received = record.readBigUInt64LE(32)
  const cells = [
    String(received),
    String(record.readBigUInt64LE(8)),
    String(record.readUInt16LE(2)),
    String(instrument),
    String.fromCharCode(record.readUInt8(28)),
    String.fromCharCode(record.readUInt8(29)),
    String(record.readBigInt64LE(16)),
    String(record.readUInt32LE(24)),
    String(record.readUInt32LE(44)),
    metadata.symbolOf(instrument, received),
  ]
  return { place, cells, text: cells.join(',') }
}
