import { decode, encode } from '@msgpack/msgpack'

import { parseShallowJson } from '../../../functions/shared/streams/json-depth.ts'

/** How messages are written. */
export type Codec = {
  readonly name: 'json' | 'msgpack'
  /** @throws when it is not written so */
  readonly read: (data: Buffer) => unknown
  /** A value that `number` and `time` may be in. */
  readonly write: (value: object) => Buffer
  /** A list of written values. */
  readonly list: (items: readonly Buffer[]) => Buffer
  /** A decimal as a number: in JSON with all digits, else the nearest double. */
  readonly number: (decimal: string) => unknown
  /** @param milliseconds since 1970 */
  readonly time: (milliseconds: number) => unknown
}

const COMMA = Buffer.from(',')
const OPEN = Buffer.from('[')
const CLOSE = Buffer.from(']')

export const JSON_CODEC: Codec = {
  name: 'json',
  read: (data) => parseShallowJson(data.toString('utf8')),
  write: (value) => Buffer.from(JSON.stringify(value)),
  list: (items) => {
    const parts = items.flatMap((item, index) => (index === 0 ? [item] : [COMMA, item]))
    return Buffer.concat([OPEN, ...parts, CLOSE])
  },
  number: (decimal) => JSON.rawJSON(decimal),
  time: (milliseconds) => new Date(milliseconds).toISOString().replace('.000Z', 'Z'),
}

/** https://github.com/msgpack/msgpack/blob/master/spec.md */
export const MSGPACK_CODEC: Codec = {
  name: 'msgpack',
  read: (data) => decode(data),
  write: (value) => Buffer.from(encode(value)),
  list: (items) => Buffer.concat([arrayHead(items.length), ...items]),
  number: Number,
  // Becomes the timestamp of MessagePack.
  time: (milliseconds) => new Date(milliseconds),
}

const FIXARRAY = 0x90
const ARRAY_16 = 0xdc
const ARRAY_32 = 0xdd

function arrayHead(length: number): Buffer {
  if (length < 16) return Buffer.from([FIXARRAY + length])
  if (length < 65_536) return Buffer.from([ARRAY_16, length >> 8, length % 256])
  const head = Buffer.alloc(5)
  head.writeUInt8(ARRAY_32)
  head.writeUInt32BE(length, 1)
  return head
}
