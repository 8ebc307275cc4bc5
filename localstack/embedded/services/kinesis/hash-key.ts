import { hash } from 'node:crypto'

/** A range of 128-bit hash keys, both ends inclusive. */
export type HashRange = { readonly start: bigint; readonly end: bigint }

/** The largest hash key: 2^128 − 1. */
const maxHashKey = 2n ** 128n - 1n

const rememberedKeys = 10_000
const remembered = new Map<string, bigint>()

/** The 128-bit hash key of a partition key: its MD5, as AWS documents. */
export function hashKeyOf(partitionKey: string): bigint {
  const known = remembered.get(partitionKey)
  if (known !== undefined) return known
  const hashKey = BigInt(`0x${hash('md5', partitionKey)}`)
  if (remembered.size >= rememberedKeys) remembered.clear()
  remembered.set(partitionKey, hashKey)
  return hashKey
}

/** Cuts the whole key space into `count` ranges of equal size; the last one takes the remainder. */
export function evenRanges(count: number): readonly HashRange[] {
  const size = (maxHashKey + 1n) / BigInt(count)
  return Array.from({ length: count }, (_, index) => ({
    start: size * BigInt(index),
    end: index === count - 1 ? maxHashKey : size * BigInt(index + 1) - 1n,
  }))
}

export function covers(range: HashRange, hashKey: bigint): boolean {
  return range.start <= hashKey && hashKey <= range.end
}
