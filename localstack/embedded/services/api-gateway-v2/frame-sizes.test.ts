import fc from 'fast-check'
import { expect, it } from 'vitest'

import { watchFrameSizes } from './frame-sizes.ts'

const MAX = 70_000

/** A masked frame, as clients send them, with its length written in the shortest form. */
function frame(length: number): Buffer {
  const mask = [1, 2, 3, 4]
  const payload = Buffer.alloc(length, 0x81)
  if (length < 126) return Buffer.concat([Buffer.from([0x81, 0x80 | length, ...mask]), payload])
  const long = Buffer.alloc(length < 65_536 ? 2 : 8)
  if (length < 65_536) long.writeUInt16BE(length)
  else long.writeBigUInt64BE(BigInt(length))
  const kind = 0x80 | (length < 65_536 ? 126 : 127)
  return Buffer.concat([Buffer.from([0x81, kind]), long, Buffer.from(mask), payload])
}

const length = fc.oneof(
  fc.constantFrom(0, 125, 126, 65_535, 65_536, MAX, MAX + 1),
  fc.integer({ min: 0, max: MAX + 1000 }),
)
const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 60_000 })), {
  minLength: 1,
})

it('finds the first frame that is too long, however the bytes arrive', () => {
  fc.assert(
    fc.property(fc.array(length, { maxLength: 8 }), sizes, (lengths, chunks) => {
      const bytes = Buffer.concat(lengths.map(frame))
      const tooLong = watchFrameSizes(MAX)
      let found: number | undefined
      for (let at = 0, turn = 0; at < bytes.length && found === undefined; turn++) {
        const end = Math.min(at + (chunks[turn % chunks.length] ?? 1), bytes.length)
        if (tooLong(bytes.subarray(at, end))) found = end
        at = end
      }
      const index = lengths.findIndex((each) => each > MAX)
      expect(found !== undefined).toBe(index >= 0)
      if (found === undefined) return
      const start = lengths.slice(0, index).reduce((sum, each) => sum + frame(each).length, 0)
      // Told with the end of its header, which has 14 bytes, at the latest with the chunk that holds it.
      expect(found).toBeGreaterThanOrEqual(start + 14)
      expect(found).toBeLessThan(start + 14 + Math.max(...chunks))
    }),
    { numRuns: 200 },
  )
})
