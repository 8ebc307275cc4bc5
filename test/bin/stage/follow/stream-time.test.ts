import { describe, expect, it } from 'vitest'

import { StreamTime } from '../../../../bin/stage/follow/stream-time.ts'

/** Unix milliseconds of the stream's clock when `elapsed` is 0. */
const T = 1_762_790_280_000

describe('the time of a stream', () => {
  it('is not known before the first record, and that of the fastest one then', () => {
    let elapsed = 0
    const time = new StreamTime(() => elapsed)
    expect(time.at(0)).toBeUndefined()
    // Each record with what it took to come here, in ms.
    for (const took of [900, 50, 400]) {
      elapsed += 1000
      time.note(T + elapsed - took)
    }
    expect(time.at(elapsed)).toBe(T + elapsed - 50)
    expect(time.at(elapsed + 500)).toBe(T + elapsed + 450)
  })

  it('follows a clock that was put back, after two minutes', () => {
    let elapsed = 0
    const time = new StreamTime(() => elapsed)
    time.note(T + 30_000)
    for (elapsed = 1000; elapsed <= 130_000; elapsed += 1000) time.note(T + elapsed)
    expect(time.at(elapsed)).toBe(T + elapsed)
  })
})
