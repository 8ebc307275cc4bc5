import { describe, expect, it } from 'vitest'

import { RebuildError } from '../../../functions/rebuilder/rebuild.ts'
import { History, HOUR } from './harness.ts'
import { lastArrival, line, row } from './rows.ts'

describe('a rebuild', () => {
  it('makes the bars of the archive, and another time changes nothing', async () => {
    const history = new History()
    history.archive([row(0, 10), row(59, 12), row(30, 9), row(61, 5)])
    expect(await history.rebuild()).toMatchObject({ put: 2, unchanged: 0 })
    expect(history.table()).toEqual([
      [0, 10, 12, 9, 12, 3, 3, null, 1],
      [1, 5, 5, 5, 5, 1, 1, null, 1],
    ])
    expect(await history.rebuild()).toMatchObject({ put: 0, unchanged: 2 })
    history.archive([row(1, 20)])
    expect(await history.rebuild()).toMatchObject({ put: 1, unchanged: 1 })
    expect(history.table()[0]).toEqual([0, 10, 20, 9, 12, 4, 4, null, 2])
  })

  it('counts each trade once: of objects, records and ids that came again', async () => {
    const history = new History()
    const record = { sequenceNumber: '4967', source: 'feed', sequence: 7 }
    const batch = [row(0, 1, record), row(1, 2, { ...record, place: 1 })]
    history.archive(batch)
    history.archive([...batch, row(2, 3, { id: 5, line: 'x' })])
    // A retried put of the record, the same trade from another producer, and an id of another line.
    const again = { ...record, sequenceNumber: '4968' }
    history.archive([
      row(0, 1, again),
      row(1, 2, { ...again, place: 1 }),
      row(2, 3, { id: 5, line: 'x', source: 'other' }),
      row(3, 4, { id: 5, line: 'y' }),
    ])
    await history.rebuild()
    expect(history.table()).toEqual([[0, 1, 4, 1, 4, 4, 4, null, 1]])
  })

  it('opens and closes with the trades that came first and last of those at one time', async () => {
    const history = new History()
    history.archive([
      row(0, 3, { sequenceNumber: '49603' }),
      row(0, 1, { sequenceNumber: '49601' }),
      row(0, 2, { sequenceNumber: '49602' }),
    ])
    await history.rebuild()
    expect(history.table()).toEqual([[0, 1, 3, 1, 3, 3, 3, null, 1]])
  })

  it('takes cancelled trades out whole, and corrects others, whatever came first', async () => {
    const history = new History()
    const change = { line: 'x', wasPrice: undefined, wasVolume: undefined }
    history.archive([
      row(50, 99, { ...change, type: 'correct', id: 8 }),
      row(0, 50, { line: 'x', id: 1 }),
      row(10, 10, { line: 'x', id: 2 }),
      row(20, 12, { line: 'x', id: 3 }),
      row(30, 1, { line: 'x', id: 4 }),
      row(0, 0, { ...change, type: 'cancel', id: 1, price: undefined, volume: undefined }),
      row(30, 11, { ...change, type: 'correct', id: 4 }),
      row(30, 13, { ...change, type: 'correct', id: 4 }),
      // Of another line, and of a trade that is not there.
      row(10, 0, { ...change, line: 'y', type: 'cancel', id: 2, price: undefined, volume: undefined }),
    ])
    await history.rebuild()
    expect(history.table()).toEqual([[0, 10, 99, 10, 99, 4, 4, null, 1]])
  })

  it('lets sale conditions decide what a trade updates', async () => {
    const history = new History()
    history.archive([
      row(0, 10, { tape: 'C', conditions: '["@"]' }),
      row(1, 99, { tape: 'C', conditions: '["@","I"]' }),
      row(2, 11),
    ])
    await history.rebuild()
    expect(history.table()).toEqual([[0, 10, 11, 10, 11, 3, 3, null, 1]])
  })

  it('knows whether trades are missing, also between minutes and hours, and of those before its span', async () => {
    const history = new History()
    history.archive([
      row(-30, 1, { ...line, id: 1 }),
      // 2 is missing.
      row(5, 1, { ...line, id: 3 }),
      row(65, 1, { ...line, id: 4 }),
      row(66, 1, { ...line, id: 6 }),
      row(67, 1, { ...line, id: 5 }),
      row(3599, 1, { ...line, id: 7 }),
      // 8 is missing.
      row(3601, 1, { ...line, id: 9 }),
      row(3700, 1, { ...line, id: 10 }),
    ])
    await history.rebuild()
    expect(history.table().map(([minute, , , , , , , complete]) => [minute, complete])).toEqual([
      [0, false],
      [1, true],
      [59, false],
    ])
  })

  it('keeps what a bar says of its trades where the archive cannot know', async () => {
    const history = new History()
    history.archive([row(0, 1, { ...line, id: 7 })])
    await history.rebuild()
    const [[key, bar] = []] = history.bars
    if (key === undefined || bar === undefined) throw new Error('no bar')
    history.bars.set(key, { ...bar, complete: false })
    expect(await history.rebuild()).toMatchObject({ put: 0, unchanged: 1 })
  })

  it('leaves bars that late trades may still change, until nothing has come for an hour', async () => {
    const history = new History()
    history.archive([row(0, 1), row(100, 1), row(200, 1)])
    history.now = lastArrival() + 3_000_000
    expect(await history.rebuild()).toMatchObject({ put: 1, 'not-final': 2 })
    expect(history.table().map(([minute]) => minute)).toEqual([0])
    history.now += 3_600_000
    expect(await history.rebuild()).toMatchObject({ put: 2, unchanged: 1 })
  })

  it('leaves bars of which the archive has fewer trades or none, unless it is to replace the former', async () => {
    const history = new History()
    history.archive([row(0, 1), row(1, 2), row(60, 1)])
    await history.rebuild()
    const other = new History()
    for (const bar of history.bars.values()) other.bars.set(`A ${bar.start}`, bar)
    other.archive([row(0, 1)])
    expect(await other.rebuild()).toMatchObject({ put: 0, fewer: 1, unarchived: 1 })
    expect(await other.rebuild({ replaces: 'all' })).toMatchObject({ put: 1, fewer: 0, unarchived: 1 })
    expect(
      other.table().map(([minute, open, , , , , trades, , revision]) => [minute, open, trades, revision]),
    ).toEqual([
      [0, 1, 1, 2],
      [1, 1, 1, 1],
    ])
  })

  it('withdraws a bar whose trades were all cancelled, and brings it back when it has trades again', async () => {
    const history = new History()
    history.archive([row(0, 7, { id: 1 }), row(60, 2)])
    await history.rebuild()
    history.archive([row(0, 7, { id: 1, type: 'cancel' })])
    expect(await history.rebuild()).toMatchObject({ put: 0, withdrawn: 1, unchanged: 1 })
    expect(history.table()).toEqual([[1, 2, 2, 2, 2, 1, 1, null, 1]])
    expect([...history.bars.values()][0]).toMatchObject({
      revision: 2,
      withdrawn: true,
      open: '7',
      volume: '0',
      notional: '0',
      vwap: null,
      tradeCount: 0,
    })
    expect(await history.rebuild()).toMatchObject({ put: 0, withdrawn: 0, unchanged: 2 })
    history.archive([row(3, 9)])
    expect(await history.rebuild()).toMatchObject({ put: 1, withdrawn: 0, unchanged: 1 })
    expect(history.table()[0]).toEqual([0, 9, 9, 9, 9, 1, 1, null, 3])
  })

  it('never puts a bar of which all trades were cancelled before it was stored', async () => {
    const history = new History()
    history.archive([row(0, 7, { id: 1 }), row(0, 7, { id: 1, type: 'cancel' })])
    expect(await history.rebuild()).toMatchObject({ put: 0, withdrawn: 0, unchanged: 1 })
  })

  it('touches no minute outside its span', async () => {
    const history = new History()
    history.archive([row(0, 1), row(60, 1), row(120, 1), row(180, 1)])
    expect(await history.rebuild({ from: HOUR + 60, to: HOUR + 180 })).toMatchObject({ put: 2 })
    expect(history.table().map(([minute]) => minute)).toEqual([1, 2])
  })

  it('names the symbols and the hour at which it fails', async () => {
    const history = new History()
    history.meet = (what) => {
      if (what === 'stored') throw new Error('the database is away')
    }
    await expect(history.rebuild({ symbols: ['A', 'B'] })).rejects.toThrow(
      new RebuildError('A and 1 more, hour 2025-10-10T15:00Z: the database is away'),
    )
  })
})
