import { describe, expect, it } from 'vitest'

import { CorporateActions } from '../../../../bin/stage/actions/corporate-actions.ts'
import { MAX_ACTIONS } from '../../../../functions/bar-writer/corporate-actions.ts'

const at = { symbol: 'AAPL', exDate: '2020-08-31', id: undefined }
const split = (newShares: bigint, oldShares: bigint, id?: string) =>
  ({ ...at, id, kind: 'split', newShares, oldShares }) as const
const dividend = (amount: string, id?: string) => ({ ...at, id, kind: 'dividend', amount }) as const

function actionsOf(all: CorporateActions) {
  return [...all.calls()].flatMap(({ actions }) => actions)
}

describe('the actions of files', () => {
  it('of a day are one of each kind: splits multiplied, dividends added up, repeated rows once', () => {
    const all = new CorporateActions()
    for (const action of [split(4n, 1n), split(4n, 1n), split(3n, 2n), dividend('0.1'), dividend('0.25')])
      expect(all.add(action)).toBeUndefined()
    expect(all.duplicates).toBe(1)
    const key = { symbol: 'AAPL', ex_date: '2020-08-31' }
    expect(actionsOf(all)).toEqual([
      { kind: 'split', ...key, new_shares: '6', old_shares: '1' },
      { kind: 'dividend', ...key, amount: '0.35' },
    ])
  })

  it('with ids are repeated by these: two dividends may be of one amount', () => {
    const all = new CorporateActions()
    for (const action of [dividend('0.1', 'a'), dividend('0.1', 'b'), dividend('0.1', 'a')]) all.add(action)
    expect([all.duplicates, actionsOf(all)]).toMatchObject([1, [{ amount: '0.2' }]])
  })

  it.each([
    [dividend('0.1'), dividend('0.1', 'a'), dividend('0.1', 'b'), dividend('0.1')],
    [dividend('0.1', 'a'), dividend('0.1', 'b'), dividend('0.1'), dividend('0.1', 'b')],
    [dividend('0.1', 'a'), dividend('0.1'), dividend('0.1', 'b'), dividend('0.1', 'a')],
  ])('that say the same with and without an id are one, in any order', (...actions) => {
    const all = new CorporateActions()
    for (const action of actions) all.add(action)
    expect([all.duplicates, actionsOf(all)]).toMatchObject([2, [{ amount: '0.2' }]])
  })

  it('are sent in calls that each have all actions of their symbols', () => {
    const all = new CorporateActions()
    for (let place = 0; place < MAX_ACTIONS + 1000; place++)
      all.add({
        ...dividend('0.1'),
        symbol: `S${Math.floor(place / 700)}`,
        exDate: new Date(place * 86_400_000).toISOString().slice(0, 10),
      })
    const calls = [...all.calls()]
    expect(calls.map(({ actions }) => actions.length)).toEqual([4900, 1100])
    expect(new Set(calls.flatMap(({ symbols }) => symbols)).size).toBe(9)
    expect(calls.flatMap(({ symbols }) => symbols)).toHaveLength(9)
  })

  it('that multiply to too many digits are refused', () => {
    const all = new CorporateActions()
    expect(all.add(split(10n ** 12n, 7n))).toBeUndefined()
    expect(all.add(split(10n ** 11n, 3n))).toBeUndefined()
    expect(all.add(split(10n ** 12n - 1n, 11n))).toBeUndefined()
    expect(all.add(split(10n ** 10n, 13n))).toMatchObject({ reason: 'bad-ratio' })
  })
})
