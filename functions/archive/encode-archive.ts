import type { SchemaElement } from 'hyparquet'

import { compareSequenceNumbers } from '../domain/trade.ts'
import { encodeColumns } from '../shared/parquet/encode-columns.ts'
import { isImportedShard } from './archive-key.ts'
import type { ArchivedTrade } from './archived-trade.ts'
import { DecimalBytes, type DecimalColumn, statisticsOf } from './decimal-column.ts'
import { ARCHIVE_COLUMNS } from './schema.ts'

/** Rows of a row group: readers skip those that hold none of their symbols. */
const ROW_GROUP = 32_768
type ColumnName = (typeof ARCHIVE_COLUMNS)[number]['name']
const DECIMALS = ['price', 'volume', 'was_price', 'was_volume'] as const satisfies readonly ColumnName[]
type DecimalName = (typeof DECIMALS)[number]
const NANOS = 1_000_000_000n
const SCHEMA: SchemaElement[] = [{ name: 'trades', num_children: ARCHIVE_COLUMNS.length }, ...ARCHIVE_COLUMNS]

/**
 * Trades as a Parquet object, by symbol and time: the same trades in any order give the same bytes.
 *
 * @throws RangeError when there are none, of which Parquet makes an object that some readers refuse
 */
export function encodeArchive(trades: readonly ArchivedTrade[]): Uint8Array {
  if (trades.length === 0) throw new RangeError('no trades to archive')
  const rows = trades.toSorted(compareTrades)
  const known = new DecimalBytes()
  const decimals: Readonly<Record<DecimalName, DecimalColumn>> = {
    price: rows.map(({ price }) => price && known.of(price)),
    volume: rows.map(({ volume }) => volume && known.of(volume)),
    was_price: rows.map(({ wasPrice }) => wasPrice && known.of(wasPrice)),
    was_volume: rows.map(({ wasVolume }) => wasVolume && known.of(wasVolume)),
  }
  const data: Readonly<Record<Exclude<ColumnName, DecimalName>, unknown[]>> = {
    symbol: rows.map(({ symbol }) => symbol),
    timestamp: rows.map(({ seconds, nanos }) => BigInt(seconds) * NANOS + BigInt(nanos)),
    type: rows.map(({ type }) => type),
    id: rows.map(({ id }) => wholeOf(id)),
    line: rows.map(({ line }) => line),
    contiguous: rows.map(({ contiguous }) => contiguous),
    conditions: rows.map(({ conditions }) => conditions),
    tape: rows.map(({ tape }) => tape),
    side: rows.map(({ side }) => side),
    source: rows.map(({ source }) => source),
    sequence: rows.map(({ sequence }) => wholeOf(sequence)),
    shard: rows.map(({ shard }) => shard),
    sequence_number: rows.map(({ sequenceNumber }) => sequenceNumber),
    place: rows.map(({ place }) => place),
    arrival: rows.map(({ arrivedAt }) => BigInt(arrivedAt)),
  }
  const bytesOf = (name: DecimalName) => decimals[name].map((written) => written?.bytes)
  return encodeColumns({
    schema: SCHEMA,
    data: ARCHIVE_COLUMNS.map(({ name }) => ({
      name,
      data: isDecimalName(name) ? bytesOf(name) : data[name],
    })),
    rowGroup: ROW_GROUP,
    // The writer has compared the bytes, without their sign.
    amend: (groups) => {
      for (const [group, { columns }] of groups.entries())
        for (const { meta_data: meta } of columns) {
          const [name = ''] = meta?.path_in_schema ?? []
          if (meta && isDecimalName(name))
            meta.statistics = statisticsOf(
              decimals[name],
              group * ROW_GROUP,
              Math.min((group + 1) * ROW_GROUP, rows.length),
            )
        }
    },
  })
}

function isDecimalName(name: string): name is DecimalName {
  return DECIMALS.some((decimal) => decimal === name)
}

/** By symbol and time; of one time in the order in which their shard took them, and imported ones as they arrived. */
export function compareTrades(one: ArchivedTrade, other: ArchivedTrade): number {
  if (one.symbol !== other.symbol) return one.symbol < other.symbol ? -1 : 1
  return (
    one.seconds - other.seconds ||
    one.nanos - other.nanos ||
    (one.shard === other.shard ? 0 : one.shard < other.shard ? -1 : 1) ||
    (isImportedShard(one.shard) ? one.arrivedAt - other.arrivedAt : 0) ||
    compareSequenceNumbers(one.sequenceNumber, other.sequenceNumber) ||
    one.place - other.place
  )
}

function wholeOf(value: number | undefined): bigint | undefined {
  return value === undefined ? undefined : BigInt(value)
}
