import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { MAX_FRAME_BYTES, MAX_TEXT_BYTES, packFrames } from '../../../functions/broadcaster/frames.ts'

const textOf = (value: unknown) => {
  const text = JSON.stringify(value)
  return { text, bytes: Buffer.byteLength(text) }
}
const read = (frames: readonly string[]) =>
  frames.map((frame) => z.array(z.unknown()).parse(JSON.parse(frame)))

describe('frames', () => {
  it('hold everything once and in order, none larger than allowed, and none that would have fitted before', () => {
    const valueArbitrary = fc.oneof(fc.string({ maxLength: 3, unit: 'binary' }), fc.integer())
    fc.assert(
      fc.property(fc.array(valueArbitrary), fc.integer({ min: 25, max: 40 }), (values, maxBytes) => {
        const frames = packFrames(values.map(textOf), maxBytes)
        expect(read(frames).flat()).toEqual(values)
        for (const [index, frame] of frames.entries()) {
          expect(Buffer.byteLength(frame)).toBeLessThanOrEqual(maxBytes)
          const [next] = read(frames)[index + 1] ?? []
          if (next !== undefined)
            expect(Buffer.byteLength(frame) + 1 + textOf(next).bytes).toBeGreaterThan(maxBytes)
        }
      }),
    )
  })

  it('are none for nothing', () => {
    expect(packFrames([])).toEqual([])
  })

  it('take a text as large as they may be', () => {
    const largest = textOf('x'.repeat(MAX_TEXT_BYTES - 2))
    const frames = packFrames([textOf(1), largest, textOf(2)])
    expect(frames.map((frame) => Buffer.byteLength(frame))).toEqual([3, MAX_FRAME_BYTES, 3])
  })
})
