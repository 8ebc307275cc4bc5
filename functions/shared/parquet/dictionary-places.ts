/** So that a place and its first bit are in 32 bits. */
const MAX_WIDTH = 24
const WORD_BYTES = 4

/**
 * The places in a dictionary that a page has: runs of one place, and runs of places of as many bits as the dictionary needs.
 *
 * @param bytes the width of a place in bits, then the runs
 * @param dictionary values that there are
 * @returns undefined where they are not all there, or one is beyond the dictionary
 */
export function readPlaces(bytes: Uint8Array, count: number, dictionary: number): Int32Array | undefined {
  const places = new Int32Array(count)
  const [width = 0] = bytes
  if (width > MAX_WIDTH || dictionary === 0) return undefined
  if (width === 0) return places
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 1
  let highest = 0
  for (let filled = 0; filled < count;) {
    let header = 0
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]
      if (byte === undefined || shift > 28) return undefined
      header |= (byte & 0x7f) << shift
      if (byte < 0x80) break
    }
    const run = header >>> 1
    const isOnePlace = (header & 1) === 0
    const to = Math.min(count, filled + (isOnePlace ? run : run * 8))
    const size = isOnePlace ? (width + 7) >> 3 : Math.ceil(((to - filled) * width) / 8)
    if (run === 0 || at + size > bytes.length) return undefined
    if (isOnePlace) {
      const place = wordAt(view, at, size)
      for (let index = filled; index < to; index++) places[index] = place
      if (place > highest) highest = place
      at += size
    } else {
      highest = Math.max(highest, unpack(view, at, { width, places, from: filled, to }))
      at += run * width
    }
    filled = to
  }
  return highest < dictionary ? places : undefined
}

type Unpacked = {
  readonly width: number
  readonly places: Int32Array
  readonly from: number
  readonly to: number
}

/** The highest place of the run. */
function unpack(view: DataView, at: number, { width, places, from, to }: Unpacked): number {
  const mask = 2 ** width - 1
  const whole = Math.floor(((view.byteLength - WORD_BYTES - at) * 8) / width)
  const last = Math.max(from, Math.min(to, from + whole))
  let highest = 0
  let bit = 0
  for (let index = from; index < last; index++) {
    const place = (view.getInt32(at + (bit >> 3), true) >>> (bit & 7)) & mask
    places[index] = place
    if (place > highest) highest = place
    bit += width
  }
  for (let index = last; index < to; index++) {
    const place = (wordAt(view, at + (bit >> 3), WORD_BYTES) >>> (bit & 7)) & mask
    places[index] = place
    if (place > highest) highest = place
    bit += width
  }
  return highest
}

/** As much of a word as the bytes have, the lowest first. */
function wordAt(view: DataView, at: number, size: number): number {
  let word = 0
  for (let byte = 0; byte < size && at + byte < view.byteLength; byte++)
    word |= view.getUint8(at + byte) << (8 * byte)
  return word
}
