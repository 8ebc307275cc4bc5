import { hash } from 'node:crypto'
import type { AttributeValue } from './attribute-value.ts'
import { parseDecimal } from './decimal.ts'

const HASH_BYTES = 8
const TERMINATOR = 0xff
const [NEGATIVE, ZERO, POSITIVE] = [0x40, 0x80, 0xc0]
/** Makes every exponent of a number positive. */
const EXPONENT_BIAS = 512

/** Bytes that sort as DynamoDB sorts keys: texts by their UTF-8, numbers by their value. */
export function sortBytes(value: AttributeValue): Buffer {
  if ('S' in value) return Buffer.from(value.S)
  if ('B' in value) return Buffer.from(value.B, 'base64')
  if ('N' in value) return numberBytes(value.N)
  throw new TypeError('a key is a string, a number or binary')
}

/** A partition lies at its hash, as on AWS: a scan goes by it, and parts of a parallel scan are ranges of it. */
export function partitionBytes(value: AttributeValue): Buffer {
  const key = sortBytes(value)
  return Buffer.concat([hash('md5', key, 'buffer').subarray(0, HASH_BYTES), key])
}

/** Where a part of a parallel scan begins. */
export function segmentStart(segment: number, segments: number): Buffer {
  const bytes = Buffer.alloc(HASH_BYTES)
  bytes.writeBigUInt64BE((BigInt(segment) << 64n) / BigInt(segments))
  return bytes
}

function numberBytes(text: string): Buffer {
  const { isNegative, digits, exponent } = parseDecimal(text)
  if (digits === '') return Buffer.of(ZERO)
  const magnitude = Buffer.alloc(2 + digits.length)
  magnitude.writeUInt16BE(exponent + EXPONENT_BIAS)
  magnitude.write(digits, 2, 'latin1')
  if (!isNegative) return Buffer.concat([Buffer.of(POSITIVE), magnitude])
  // Of two negative numbers the one with the larger magnitude is the smaller, also where it only goes on longer.
  return Buffer.concat([Buffer.of(NEGATIVE), magnitude.map((byte) => 0xff - byte), Buffer.of(TERMINATOR)])
}

/** The least bytes above all that start with these; undefined where there are none. */
export function afterPrefix(prefix: Buffer): Buffer | undefined {
  let end = prefix.length
  while (end > 0 && prefix[end - 1] === 0xff) end--
  if (end === 0) return undefined
  const after = Buffer.from(prefix.subarray(0, end))
  after.writeUInt8((after.at(-1) ?? 0) + 1, end - 1)
  return after
}
