/**
 * Sequence numbers: 56 decimal digits like those of AWS, `49`, then the position in the shard's
 * lineage (44 digits), then the number of the shard (10 digits). All have the same length, so that they
 * compare as text and as numbers alike.
 */

import { KinesisError } from './errors.ts'

const prefix = '49'
const positionDigits = 44
const shardDigits = 10
const pattern = new RegExp(`^${prefix}\\d{${positionDigits + shardDigits}}$`)

/** The sequence number of a position on the shard with this number. */
export function sequenceNumberAt(position: number, shardNumber: number): string {
  return (
    prefix + String(position).padStart(positionDigits, '0') + String(shardNumber).padStart(shardDigits, '0')
  )
}

/**
 * The position that a sequence number of this shard stands for.
 * @throws KinesisError when the text is no sequence number of this shard.
 */
export function positionOf(sequenceNumber: string, shardNumber: number): number {
  const shard = Number(sequenceNumber.slice(-shardDigits))
  const position = Number(sequenceNumber.slice(prefix.length, prefix.length + positionDigits))
  if (!pattern.test(sequenceNumber) || shard !== shardNumber || !Number.isSafeInteger(position)) {
    throw new KinesisError(
      'InvalidArgumentException',
      `Sequence number ${sequenceNumber} is not one of shard ${shardIdOf(shardNumber)}: ` +
        `take it from a put, a record or a description of that shard.`,
    )
  }
  return position
}

/** The id of the shard with this number, as AWS writes it. */
export function shardIdOf(shardNumber: number): string {
  return `shardId-${String(shardNumber).padStart(12, '0')}`
}

/** The number of the shard with this id. */
export function shardNumberOf(shardId: string): number {
  return Number(shardId.slice('shardId-'.length))
}
