import { expect, it } from 'vitest'

import type { StateCodec, StateStore } from '../../../../functions/shared/dynamodb/state-store.ts'

type Sample = { readonly text: string; readonly done: boolean }

export const sampleCodec: StateCodec<Sample> = {
  attributes: ['text', 'pending'],
  encode: ({ text, done }) => ({ text: { S: text }, ...(done ? {} : { pending: { N: '1' } }) }),
  decode: (item) => ({ text: item['text']?.S ?? '', done: !('pending' in item) }),
}

/** What every state store does. `open` gives an empty one. */
export function describeStateStore(open: () => Promise<StateStore<Sample>>): void {
  it('loads nothing for a key that has no state', async () => {
    const store = await open()
    expect(await store.load(['A'])).toEqual(new Map())
    expect(await store.load([])).toEqual(new Map())
  })

  it('loads what was committed, with a version that grows by one', async () => {
    const store = await open()
    expect(await store.commit('A', { text: 'one', done: true }, { expectedVersion: 0 })).toEqual({
      type: 'committed',
    })
    expect(await store.commit('A', { text: 'two', done: false }, { expectedVersion: 1 })).toEqual({
      type: 'committed',
    })
    expect(await store.load(['A', 'B'])).toEqual(
      new Map([['A', { version: 2, state: { text: 'two', done: false } }]]),
    )
  })

  it('commits nothing when the version is another', async () => {
    const store = await open()
    await store.commit('A', { text: 'one', done: true }, { expectedVersion: 0 })
    expect(await store.commit('A', { text: 'two', done: true }, { expectedVersion: 0 })).toMatchObject({
      type: 'conflict',
    })
    expect(await store.commit('A', { text: 'two', done: true }, { expectedVersion: 2 })).toMatchObject({
      type: 'conflict',
    })
    expect(await store.commit('B', { text: 'two', done: true }, { expectedVersion: 1 })).toMatchObject({
      type: 'conflict',
    })
    expect((await store.load(['A', 'B'])).get('A')).toEqual({
      version: 1,
      state: { text: 'one', done: true },
    })
  })

  it('lets one of several commits at the same version win', async () => {
    const store = await open()
    const texts = ['a', 'b', 'c', 'd', 'e']
    const results = await Promise.all(
      texts.map((text) => store.commit('A', { text, done: true }, { expectedVersion: 0 })),
    )
    const committed = results.map(({ type }) => type === 'committed')
    expect(committed.filter(Boolean)).toHaveLength(1)
    expect((await store.load(['A'])).get('A')?.state.text).toBe(texts[committed.indexOf(true)])
  })

  it('loads 250 keys at once', async () => {
    const store = await open()
    const keys = Array.from({ length: 250 }, (_, index) => `K${index}`)
    for (const key of keys) await store.commit(key, { text: key, done: true }, { expectedVersion: 0 })
    expect([...(await store.load(keys)).keys()].toSorted()).toEqual(keys.toSorted())
  })

  it('lists the states for which something is left to be done', async () => {
    const store = await open()
    await store.commit('A', { text: 'a', done: false }, { expectedVersion: 0 })
    await store.commit('B', { text: 'b', done: true }, { expectedVersion: 0 })
    await store.commit('C', { text: 'c', done: false }, { expectedVersion: 0 })
    await store.commit('C', { text: 'c', done: true }, { expectedVersion: 1 })
    const pending: unknown[] = []
    for await (const entry of store.pending()) pending.push(entry)
    expect(pending).toEqual([['A', { version: 1, state: { text: 'a', done: false } }]])
  })
}
