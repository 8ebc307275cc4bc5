/**
 * Watches the bytes that a client sends and says of each chunk whether a frame longer than `maxBytes` begins in it.
 * The WebSocket library limits whole messages only. Frames: RFC 6455, section 5.2.
 */
export function watchFrameSizes(maxBytes: number): (chunk: Buffer) => boolean {
  let header = Buffer.alloc(0)
  let payloadLeft = 0
  return (chunk) => {
    for (let rest = chunk; rest.length > 0;) {
      const skipped = Math.min(payloadLeft, rest.length)
      payloadLeft -= skipped
      rest = rest.subarray(skipped)
      const missing = headerLength(header) - header.length
      header = Buffer.concat([header, rest.subarray(0, missing)])
      rest = rest.subarray(missing)
      if (header.length < headerLength(header)) continue
      payloadLeft = payloadLength(header)
      header = Buffer.alloc(0)
      if (payloadLeft > maxBytes) return true
    }
    return false
  }
}

function lengthOf(header: Buffer): number {
  return (header[1] ?? 0) & 0x7f
}

/** Bytes of the header as far as those that are there tell: flags, length, longer length, mask. */
function headerLength(header: Buffer): number {
  if (header.length < 2) return 2
  const length = lengthOf(header)
  const longer = length === 127 ? 8 : length === 126 ? 2 : 0
  const mask = ((header[1] ?? 0) & 0x80) === 0 ? 0 : 4
  return 2 + longer + mask
}

function payloadLength(header: Buffer): number {
  const length = lengthOf(header)
  if (length < 126) return length
  return length === 126 ? header.readUInt16BE(2) : Number(header.readBigUInt64BE(2))
}
