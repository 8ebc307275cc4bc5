/** A file in Databento Binary Encoding: https://databento.com/docs/standards-and-conventions/databento-binary-encoding */
export type DbnFile = {
  readonly version: 1 | 2 | 3
  /** Number of the schema: 4 for trades, 6 for bars of a minute. */
  readonly schema: number
  readonly mappings: readonly {
    readonly symbol: string
    readonly instrument: number
    /** Days as YYYYMMDD; the last is not included. */
    readonly from: number
    readonly until: number
  }[]
  readonly trades: readonly {
    readonly instrument: number
    readonly nanos: bigint
    /** In billionths. */
    readonly price: bigint
    readonly size: number
    readonly sequence: number
    readonly action?: string
  }[]
}

export function dbnOf({ version, schema, mappings, trades }: DbnFile): Buffer {
  const nameBytes = version === 1 ? 22 : 71
  const name = (text: string): Buffer => Buffer.concat([Buffer.from(text)], nameBytes)
  const fixed = Buffer.alloc(100)
  fixed.write('GLBX.MDP3', 0)
  fixed.writeUInt16LE(schema, 16)
  // Version 1 counts its records before the symbology: raw symbols were asked for, and instrument ids given.
  const types = version === 1 ? 50 : 42
  fixed.writeUInt8(1, types)
  fixed.writeUInt8(0, types + 1)
  if (version > 1) fixed.writeUInt16LE(nameBytes, 45)
  const lists = [
    u32(0),
    u32(mappings.length),
    ...mappings.map(({ symbol }) => name(symbol)),
    u32(0),
    u32(0),
    u32(mappings.length),
    ...mappings.flatMap(({ symbol, instrument, from, until }) => [
      name(symbol),
      u32(1),
      u32(from),
      u32(until),
      name(String(instrument)),
    ]),
  ]
  const metadata = Buffer.concat([fixed, ...lists])
  return Buffer.concat([
    Buffer.from('DBN'),
    Buffer.of(version),
    u32(metadata.length),
    metadata,
    ...trades.map(recordOf),
  ])
}

function recordOf({
  instrument,
  nanos,
  price,
  size,
  sequence,
  action = 'T',
}: DbnFile['trades'][number]): Buffer {
  const record = Buffer.alloc(48)
  // Its length in words, the type of trades, the publisher.
  record.writeUInt8(12, 0)
  record.writeUInt8(0, 1)
  record.writeUInt16LE(1, 2)
  record.writeUInt32LE(instrument, 4)
  record.writeBigUInt64LE(nanos, 8)
  record.writeBigInt64LE(price, 16)
  record.writeUInt32LE(size, 24)
  record.write(action, 28)
  record.write('A', 29)
  record.writeBigUInt64LE(nanos + 1000n, 32)
  record.writeUInt32LE(sequence, 44)
  return record
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
