import { zstdCompressSync } from 'node:zlib'

import { parquetWriteBuffer } from 'hyparquet-writer'

import { bigPower, type Decimal, MAX_DECIMALS } from '../domain/decimal.ts'
import { compareSequenceNumbers } from '../domain/trade.ts'
import type { ArchivedTrade } from './archived-trade.ts'
import { ARCHIVE_COLUMNS } from './schema.ts'

/** Rows of a row group: readers skip those that hold none of their symbols. */
const ROW_GROUP = 32_768
const NANOS = 1_000_000_000n

/**
 * Trades as a Parquet object, by symbol and time: the same trades in any order give the same bytes.
 *
 * @throws RangeError when there are none, of which Parquet makes an object that some readers refuse
 */
export function encodeArchive(trades: readonly ArchivedTrade[]): Uint8Array {
  if (trades.length === 0) throw new RangeError('no trades to archive')
  const rows = trades.toSorted(compareTrades)
  const data: Readonly<Record<(typeof ARCHIVE_COLUMNS)[number]['name'], unknown[]>> = {
    symbol: rows.map(({ symbol }) => symbol),
    timestamp: rows.map(({ seconds, nanos }) => BigInt(seconds) * NANOS + BigInt(nanos)),
    type: rows.map(({ type }) => type),
    price: rows.map(({ price }) => unitsOf(price)),
    volume: rows.map(({ volume }) => unitsOf(volume)),
    was_price: rows.map(({ wasPrice }) => unitsOf(wasPrice)),
    was_volume: rows.map(({ wasVolume }) => unitsOf(wasVolume)),
    id: rows.map(({ id }) => wholeOf(id)),
    line: rows.map(({ line }) => line),
    contiguous: rows.map(({ contiguous }) => contiguous),
    conditions: rows.map(({ conditions }) => conditions),
    tape: rows.map(({ tape }) => tape),
    source: rows.map(({ source }) => source),
    sequence: rows.map(({ sequence }) => wholeOf(sequence)),
    shard: rows.map(({ shard }) => shard),
    sequence_number: rows.map(({ sequenceNumber }) => sequenceNumber),
    place: rows.map(({ place }) => place),
    arrival: rows.map(({ arrivedAt }) => BigInt(arrivedAt)),
  }
  return new Uint8Array(
    parquetWriteBuffer({
      schema: [{ name: 'trades', num_children: ARCHIVE_COLUMNS.length }, ...ARCHIVE_COLUMNS],
      columnData: ARCHIVE_COLUMNS.map(({ name }) => ({ name, data: data[name] })),
      codec: 'ZSTD',
      compressors: { ZSTD: (bytes) => zstdCompressSync(bytes) },
      rowGroupSize: ROW_GROUP,
      createdBy: 'tickstock',
    }),
  )
}

/** By symbol and time; of one time in the order in which the stream took them. */
export function compareTrades(one: ArchivedTrade, other: ArchivedTrade): number {
  if (one.symbol !== other.symbol) return one.symbol < other.symbol ? -1 : 1
  return (
    one.seconds - other.seconds ||
    one.nanos - other.nanos ||
    one.arrivedAt - other.arrivedAt ||
    (one.shard === other.shard ? 0 : one.shard < other.shard ? -1 : 1) ||
    compareSequenceNumbers(one.sequenceNumber, other.sequenceNumber) ||
    one.place - other.place
  )
}

function unitsOf(decimal: Decimal | undefined): bigint | undefined {
  return decimal && BigInt(decimal.units) * bigPower(MAX_DECIMALS - decimal.scale)
}

function wholeOf(value: number | undefined): bigint | undefined {
  return value === undefined ? undefined : BigInt(value)
}
