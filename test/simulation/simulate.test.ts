import { describe, expect, it } from 'vitest'

import { simulate } from './simulate.ts'

describe('the whole pipeline in virtual time', () => {
  it.each([52, 70, 143, 284])('keeps what it promises, whatever happens with seed %i', async (seed) => {
    const { failure, records } = await simulate(seed)
    expect(failure).toBeUndefined()
    expect(records).toBeGreaterThan(50)
  })

  it('does the same again with the same seed, and something else with another', async () => {
    const [once, again, other] = [await simulate(213), await simulate(213), await simulate(70)]
    expect(again).toEqual(once)
    expect(other.digest).not.toBe(once.digest)
  })
})
