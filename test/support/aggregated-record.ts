import { createHash } from 'node:crypto'

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >> 7)]
}

const field = (number: number, bytes: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([...varint(number * 8 + 2), ...varint(bytes.length)]), bytes])
const index = (number: number, value: number): Buffer => Buffer.from([number * 8, ...varint(value)])

/** As the Kinesis Producer Library puts records together; an explicit hash key and a tag are fields that nobody needs. */
export function aggregated(records: readonly (readonly [key: string, data: string | Uint8Array])[]): Buffer {
  const keys = [...new Set(records.map(([key]) => key))]
  const message = Buffer.concat([
    ...keys.map((key) => field(1, Buffer.from(key))),
    field(2, Buffer.from('340282366920938463463374607431768211455')),
    ...records.map(([key, data]) =>
      field(
        3,
        Buffer.concat([
          index(1, keys.indexOf(key)),
          index(2, 0),
          field(3, Buffer.from(data)),
          field(4, Buffer.from('tag')),
        ]),
      ),
    ),
  ])
  return Buffer.concat([
    Buffer.from([0xf3, 0x89, 0x9a, 0xc2]),
    message,
    createHash('md5').update(message).digest(),
  ])
}
