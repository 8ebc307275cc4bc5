import { describe, expect, it } from 'vitest'

import type { MinuteState } from '../../../functions/domain/minute-state.ts'
import { evolve } from '../../../functions/domain/evolve.ts'
import { INITIAL_STATE } from '../../../functions/domain/minute-state.ts'
import { minuteStateCodec } from '../../../functions/minute-state/store.ts'
import type { StateStore } from '../../../functions/shared/dynamodb/state-store.ts'
import { sweep } from '../../../functions/sweeper/sweep.ts'
import { createMemoryStateStore } from '../../support/memory-state-store.ts'
import { runOf, trade } from '../../support/trades.ts'

const RULES = { latenessSeconds: 120, graceMs: 2000 }
const T = 1_760_106_720

/** A symbol that traded once in a minute, and nothing since. */
function traded(second: number): MinuteState {
  const run = runOf([trade({ seconds: T + second, price: 1 })], {
    sequenceNumber: '1',
    arrivedAt: (T + second) * 1000,
  })
  return evolve(INITIAL_STATE, { type: 'trades', now: (T + second) * 1000, runs: [run] }, RULES).state
}

async function world(states: Readonly<Record<string, MinuteState>>) {
  const store = createMemoryStateStore(minuteStateCodec)
  for (const [symbol, state] of Object.entries(states))
    await store.commit(symbol, state, { expectedVersion: 0 })
  const emitted: string[] = []
  const sink = async (bars: ReadonlyMap<string, readonly unknown[]>) => {
    for (const [symbol, { length }] of bars) emitted.push(`${symbol} ${length}`)
  }
  return { store, sink, rules: RULES, emitted }
}

async function pending(store: StateStore<MinuteState>): Promise<string[]> {
  const symbols: string[] = []
  for await (const [symbol] of store.pending()) symbols.push(symbol)
  return symbols
}

describe('a sweep', () => {
  it('closes the minutes that are over and were quiet for the grace, and no other', async () => {
    const parts = await world({ OVER: traded(10), OPEN: traded(70) })
    const { totals, waiting } = await sweep(parts, { kind: 'due', now: () => (T + 62) * 1000 })
    expect(totals.completed).toBe(1)
    expect(waiting.size).toBe(0)
    expect(parts.emitted).toEqual(['OVER 1'])
    expect(await pending(parts.store)).toEqual(['OPEN'])
  })

  it('closes every minute when all are to be closed', async () => {
    const parts = await world({ OVER: traded(10), OPEN: traded(70) })
    expect((await sweep(parts, { kind: 'all', now: () => T * 1000 })).totals.completed).toBe(2)
    expect(await pending(parts.store)).toEqual([])
  })

  it('emits again what may not be on the stream, and clears it', async () => {
    const { state } = evolve(traded(10), { type: 'flush', now: 0 }, RULES)
    const parts = await world({ LEFT: state })
    expect((await sweep(parts, { kind: 'due', now: () => (T + 62) * 1000 })).totals.reemitted).toBe(1)
    expect(parts.emitted).toEqual(['LEFT 1'])
    expect(await pending(parts.store)).toEqual([])
    await sweep(parts, { kind: 'due', now: () => (T + 122) * 1000 })
    expect(parts.emitted).toEqual(['LEFT 1'])
  })

  it('closes the others when one symbol cannot be committed, and says so', async () => {
    const parts = await world({ BAD: traded(10), GOOD: traded(11) })
    const { store } = parts
    const failing: StateStore<MinuteState> = {
      load: (keys) => store.load(keys),
      pending: () => store.pending(),
      commit: async (key, state, guard) => {
        if (key === 'BAD') throw new Error('throttled')
        return store.commit(key, state, guard)
      },
    }
    await expect(
      sweep({ ...parts, store: failing }, { kind: 'due', now: () => (T + 62) * 1000 }),
    ).rejects.toThrow('1 failures')
    expect(parts.emitted).toEqual(['GOOD 1'])
  })

  it('tells when a bar whose minute is over will be due, and closes it then', async () => {
    const applied = (T + 58.5) * 1000
    const run = runOf([trade({ seconds: T + 58, price: 1 })], { sequenceNumber: '1', arrivedAt: applied })
    const { state } = evolve(INITIAL_STATE, { type: 'trades', now: applied + 5000, runs: [run] }, RULES)
    const parts = await world({ WAITED: state, OPEN: traded(70) })
    const { waiting } = await sweep(parts, { kind: 'due', now: () => (T + 64) * 1000 })
    expect(waiting).toEqual(new Map([['WAITED', applied + 2000 + 5000]]))
    const symbols = [...waiting.keys()]
    const later = await sweep(parts, { kind: 'due', now: () => applied + 7000, symbols })
    expect(later.totals.completed).toBe(1)
    expect(await pending(parts.store)).toEqual(['OPEN'])
  })
})
