import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import type { CorporateAction } from '../../../functions/bar-writer/corporate-actions.ts'
import { corporateActionsSchema, isNone } from '../../../functions/bar-writer/corporate-actions.ts'
import { writeActions } from '../../../functions/bar-writer/write-actions.ts'
import type { Database } from '../../../functions/shared/postgres/database.ts'
import { createDatabase, type TestDatabase } from '../../support/test-database.ts'

let server: TestDatabase
let database: Database

beforeAll(async () => {
  server = await createDatabase()
  database = server.open('app_readwrite')
})
afterAll(async () => {
  await database.end()
  await server.remove()
})
beforeEach(() => database.query('DELETE FROM corporate_actions'))

const split = (symbol: string, exDate: string, newShares: string, oldShares = '1'): CorporateAction => ({
  kind: 'split',
  symbol,
  ex_date: exDate,
  new_shares: newShares,
  old_shares: oldShares,
})
const dividend = (symbol: string, exDate: string, amount: string): CorporateAction => ({
  kind: 'dividend',
  symbol,
  ex_date: exDate,
  amount,
})
const write = (actions: readonly CorporateAction[], whole: readonly string[] = []) =>
  writeActions(database, { type: 'corporate-actions', actions: [...actions], whole: [...whole] })

/** What readers see. */
const stored = async () =>
  await server.as('app_readonly', async (client) =>
    (
      await client.query<{ row: string }>(
        `SELECT concat_ws(' ', symbol, ex_date, new_shares, old_shares, amount) AS row FROM corporate_actions ORDER BY 1`,
      )
    ).rows.map(({ row }) => row),
  )

describe('writing corporate actions', () => {
  const all = [
    split('AAPL', '2020-08-31', '4'),
    dividend('AAPL', '2020-08-31', '0.205'),
    split('GE', '2021-08-02', '1', '8'),
  ]

  it('adds them once', async () => {
    expect(await write(all)).toEqual({ added: 3, changed: 0, removed: 0, unchanged: 0 })
    expect(await write(all)).toEqual({ added: 0, changed: 0, removed: 0, unchanged: 3 })
    expect(await stored()).toEqual(['AAPL 2020-08-31 0.205', 'AAPL 2020-08-31 4 1', 'GE 2021-08-02 1 8'])
  })

  it('changes what is given otherwise, and removes what is said to be none', async () => {
    await write(all)
    const edited = [
      split('AAPL', '2020-08-31', '1'),
      dividend('AAPL', '2020-08-31', '0.21'),
      dividend('GE', '2021-08-02', '0'),
    ]
    expect(await write(edited)).toEqual({ added: 0, changed: 1, removed: 1, unchanged: 1 })
    expect(await stored()).toEqual(['AAPL 2020-08-31 0.21', 'GE 2021-08-02 1 8'])
  })

  it('removes others of a symbol where they are all of it, and none of other symbols', async () => {
    await write([...all, split('AAPL', '2014-06-09', '7')])
    expect(await write(all.slice(0, 1), ['AAPL'])).toEqual({ added: 0, changed: 0, removed: 2, unchanged: 1 })
    expect(await stored()).toEqual(['AAPL 2020-08-31 4 1', 'GE 2021-08-02 1 8'])
  })

  it('comes to what was given last, whatever came before, and repeated changes nothing', async () => {
    const action = fc.oneof(
      fc
        .record({ to: fc.integer({ min: 1, max: 3 }), day: fc.integer({ min: 1, max: 4 }) })
        .map(({ to, day }) => split('AAPL', `2020-01-0${day}`, String(to))),
      fc
        .record({ amount: fc.integer({ min: 0, max: 2 }), day: fc.integer({ min: 1, max: 4 }) })
        .map(({ amount, day }) => dividend('AAPL', `2020-01-0${day}`, String(amount))),
    )
    const call = fc.uniqueArray(action, { maxLength: 5, selector: ({ kind, ex_date: day }) => kind + day })
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 4 }), async (calls) => {
        await database.query('DELETE FROM corporate_actions')
        const expected = new Map<string, CorporateAction>()
        for (const actions of calls) {
          const before = await stored()
          const { added, removed, changed, unchanged } = await write(actions)
          for (const each of actions) expected.set(`${each.kind} ${each.ex_date}`, each)
          const after = await stored()
          expect(after.length - before.length).toBe(added - removed)
          expect(added + removed + changed + unchanged).toBe(actions.length)
          expect(await write(actions)).toMatchObject({ added: 0, changed: 0, removed: 0 })
        }
        expect((await stored()).length).toBe([...expected.values()].filter((each) => !isNone(each)).length)
      }),
      { numRuns: 8 },
    )
  })
})

describe('the table', () => {
  it.each([
    `('AAPL', '2020-08-31', 'split', 4, 0, NULL)`,
    `('AAPL', '2020-08-31', 'split', 4, 4, NULL)`,
    `('AAPL', '2020-08-31', 'split', 1.5, 1, NULL)`,
    `('AAPL', '2020-08-31', 'split', 4, NULL, NULL)`,
    `('AAPL', '2020-08-31', 'split', 4, 1, 2)`,
    `('AAPL', '2020-08-31', 'dividend', NULL, NULL, 0)`,
    `('AAPL', '2020-08-31', 'dividend', NULL, NULL, NULL)`,
    `('AAPL', '2020-08-31', 'dividend', 4, 1, 2)`,
    `('AAPL', '2020-08-31', 'merger', NULL, NULL, 2)`,
  ])('refuses %s', async (values) => {
    const columns = 'symbol, ex_date, kind, new_shares, old_shares, amount'
    await expect(
      database.query(`INSERT INTO corporate_actions (${columns}) VALUES ${values}`),
    ).rejects.toThrow(/check constraint/)
  })

  it('is read by the API, which cannot write it', async () => {
    await server.as('app_readonly', async (client) => {
      await expect(client.query('DELETE FROM corporate_actions')).rejects.toThrow(
        /read-only|permission denied/,
      )
    })
  })
})

describe('a call', () => {
  it.each([
    [{ kind: 'split', new_shares: '0', old_shares: '1' }, /whole number/],
    [{ kind: 'dividend', amount: '-1' }, /decimal/],
    [{ kind: 'dividend', amount: '1', new_shares: '2' }, /new_shares/],
    [{ kind: 'merger' }, /kind/],
  ])('with %j is refused whole', (action, message) => {
    const given = { symbol: 'AAPL', ex_date: '2020-08-31', ...action }
    expect(() =>
      corporateActionsSchema.parse({ type: 'corporate-actions', actions: [given], whole: [] }),
    ).toThrow(message)
  })
})
