/** https://github.com/google/leveldb/blob/main/doc/log_format.md */
const BLOCK_BYTES = 32_768
const HEADER_BYTES = 7
/** The least and the greatest of the types of a record or of a part of one. */
const [FULL, LAST] = [1, 4]

/**
 * True when a log of LevelDB holds a whole record whose checksum is wrong. LevelDB leaves such a record and those after
 * it out without a word, and deletes the log. An unfinished record at the end is what a crash leaves, and no damage.
 */
export function isDamagedLog(log: Buffer): boolean {
  for (let block = 0; block < log.length; block += BLOCK_BYTES) {
    const end = Math.min(block + BLOCK_BYTES, log.length)
    let at = block
    while (end - at >= HEADER_BYTES) {
      const [length, type] = [log.readUInt16LE(at + 4), log.readUInt8(at + 6)]
      // Space that was set aside and not yet written to.
      if (type === 0 && length === 0) break
      if (type < FULL || type > LAST) return true
      const next = at + HEADER_BYTES + length
      if (next > block + BLOCK_BYTES) return true
      if (next > end) break
      if (log.readUInt32LE(at) !== masked(crc32c(log.subarray(at + 6, next)))) return true
      at = next
    }
  }
  return false
}

/** As LevelDB keeps checksums: those of data that hold checksums themselves would be weak. */
function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  return crc >>> 0
})

/** CRC-32C (Castagnoli); that of Node's zlib has another polynomial. */
function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) crc = (TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}
