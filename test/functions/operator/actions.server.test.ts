import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { type Actions, BusyError, LOCK_MS, openActions } from '../../../functions/operator/actions.ts'
import { startTestDynamodb, type TestDynamodb } from '../../support/test-dynamodb.ts'

let dynamodb: TestDynamodb
let now = 1_762_795_500_000

beforeAll(async () => {
  dynamodb = await startTestDynamodb()
})

afterAll(() => dynamodb.remove())

const openTable = async (): Promise<() => Actions> => {
  const table = await dynamodb.createTable('kind', 'id')
  return () => openActions(dynamodb.client, table, () => now)
}

describe('the record of actions', () => {
  it('has each with who and when, the newest first, also those of the same moment', async () => {
    const actions = (await openTable())()
    await actions.record('ann', 'flag analytics off')
    await Promise.all(['b', 'c'].map((what) => actions.record('omar', what)))
    now += 1
    await actions.record('ann', 'flag analytics on')
    const list = await actions.list()
    expect(list[0]).toEqual({ at: now, who: 'ann', what: 'flag analytics on' })
    expect(list.map(({ what }) => what).toSorted()).toEqual([
      'b',
      'c',
      'flag analytics off',
      'flag analytics on',
    ])
  })
})

describe('work on the dead letters', () => {
  it('runs alone, whatever instance asks', async () => {
    const open = await openTable()
    const { promise, resolve } = Promise.withResolvers<void>()
    const first = open().alone(() => promise)
    await expect
      .poll(() =>
        open()
          .alone(async () => 'ran')
          .catch((error: unknown) => error),
      )
      .toBeInstanceOf(BusyError)
    resolve()
    await first
    expect(await open().alone(async () => 'ran')).toBe('ran')
  })

  it('makes room when it fails, and when its instance has died for certain', async () => {
    const open = await openTable()
    const failed = open().alone(() => Promise.reject(new Error('no bucket')))
    await expect(failed).rejects.toThrow('no bucket')
    void open().alone(() => new Promise<void>(() => {}))
    await expect
      .poll(() =>
        open()
          .alone(async () => 'ran')
          .catch((error: unknown) => error),
      )
      .toBeInstanceOf(BusyError)
    now += LOCK_MS + 1
    expect(await open().alone(async () => 'ran')).toBe('ran')
  })
})
