import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { evolve } from '../../../functions/domain/evolve.ts'
import { INITIAL_STATE, type MinuteState } from '../../../functions/domain/minute-state.ts'
import { decodeMinuteState, encodeMinuteState } from '../../../functions/minute-state/codec.ts'
import { minuteStateCodec } from '../../../functions/minute-state/store.ts'

const START = 1_760_106_720
const RULES = { latenessSeconds: 120, graceMs: 2000 }
const integers = fc.oneof(fc.nat(1000), fc.integer({ min: 0, max: 999_999_999_999_999 }))
const ticks = fc.array(
  fc.record({
    seconds: fc.integer({ min: START, max: START + 400 }),
    nanos: fc.nat(999_999_999),
    priceInteger: integers,
    priceFraction: fc.nat(99_999_999),
    volumeInteger: integers,
    volumeFraction: fc.nat(99_999_999),
  }),
  { minLength: 1, maxLength: 40 },
)

function stateAfter(given: Parameters<typeof ticksEvent>[0]): MinuteState {
  return evolve(INITIAL_STATE, ticksEvent(given), RULES).state
}

function ticksEvent(
  given: Readonly<Parameters<typeof evolve>[1] & { type: 'trades' }>['runs'][number]['trades'],
) {
  const run = {
    sequenceNumber: '495',
    arrivedAt: 1,
    producer: { source: 'feed', sequence: 812 },
    trades: given,
  }
  return { type: 'trades' as const, now: 1_760_106_735_123, runs: [run] }
}

describe('the codec of the minute state', () => {
  it('reads what it wrote', () => {
    fc.assert(
      fc.property(ticks, fc.constantFrom(1, 2, Infinity), (given, maxPending) => {
        const { state } = evolve(INITIAL_STATE, ticksEvent(given), { ...RULES, maxPending })
        expect(minuteStateCodec.decode(minuteStateCodec.encode(state))).toEqual(state)
      }),
    )
  })

  it('writes what the code before `keptFrom` reads, and reads what that wrote', () => {
    const money = { priceInteger: 1, priceFraction: 0, volumeInteger: 1, volumeFraction: 0 }
    const at = (seconds: number) => ({ seconds, nanos: 0, ...money })
    const state = stateAfter([at(START), at(START + 600)])
    const { keptFrom, ...before } = minuteStateCodec.encode(state)
    expect(keptFrom).toEqual({ N: String(START + 60) })
    expect(JSON.parse(before['state']?.S ?? '')).toHaveLength(7)
    expect(minuteStateCodec.decode(before)).toEqual({ ...state, keptFrom: 0 })
  })

  it('keeps a busy symbol in one write unit, 1 KB: two correctable minutes, an open one and a bar to emit', () => {
    const busy = Array.from({ length: 240 }, (_, second) => ({
      seconds: START + second,
      nanos: 123_456_789,
      priceInteger: 105_433,
      priceFraction: 60_000_000 + second,
      volumeInteger: 1234,
      volumeFraction: 27_625_000,
    }))
    const state = stateAfter(busy)
    const { state: emitted } = evolve(state, { type: 'emitted', count: state.outbox.length - 1 }, RULES)
    expect(emitted).toMatchObject({ closed: { length: 2 }, outbox: { length: 1 }, keptFrom: START + 60 })
    const attributes = 'symbolversionsequencestatekeptFrompending'.length + 'XBTUSDT'.length + 21 + 56 + 7 + 2
    expect(encodeMinuteState(emitted).length + attributes).toBeLessThan(1024)
  })

  it('says what it cannot read', () => {
    expect(() => decodeMinuteState('[1,2]', { sequenceNumber: '', keptFrom: 0 })).toThrow(
      /minute state \[1,2\].*cannot be read/s,
    )
  })
})
