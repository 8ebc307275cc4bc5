import { describe, expect, it } from 'vitest'

import { acceptedTicks } from '../../../../bin/stage/verify/accepted-ticks.ts'
import type { StreamRun } from '../../../../bin/stage/verify/stream-ticks.ts'
import { NO_ID, tradesOf } from '../../../../functions/domain/trade.ts'
import { runOf, trade } from '../../../support/trades.ts'

const MINUTE = 1_760_106_720
const SHARD = 'shardId-000000000000'
const NONE = { latenessSeconds: 120, rejected: new Map(), applied: new Map([[SHARD, '99']]) }

type Told = { readonly source?: string; readonly ids?: readonly number[]; readonly line?: string }

/** A record of ticks at seconds of the minute. */
function record(sequenceNumber: string, seconds: readonly number[], told: Told = {}): StreamRun {
  const { source, ids, line } = told
  const trades = seconds.map((second, index) =>
    trade({ seconds: MINUTE + second, price: 10, id: ids?.[index] ?? NO_ID }),
  )
  return {
    ...runOf(trades, {
      sequenceNumber,
      shard: SHARD,
      arrivedAt: MINUTE * 1000,
      producer: source === undefined ? undefined : { source, sequence: Number(sequenceNumber) },
      line: ids && { name: line ?? '', isContiguous: false },
    }),
    places: seconds.map((_, index) => index),
  }
}

const secondsOf = (runs: readonly StreamRun[], options: Partial<typeof NONE> = {}) => {
  const { ticks, waiting } = acceptedTicks(runs, { ...NONE, ...options })
  return [ticks.map(({ seconds }) => seconds - MINUTE), waiting]
}

describe('the ticks that make a bar', () => {
  it('are not those that were refused, at their place between others that could not be read', () => {
    const run = { ...record('1', [0, 1, 2]), places: [0, 2, 3] }
    expect(secondsOf([run], { rejected: new Map([[`${SHARD} 1`, new Set([2])]]) })).toEqual([[0, 2], 0])
  })

  it('are not those later than the allowed lateness', () => {
    expect(secondsOf([record('1', [0, 200, 79, 80])])).toEqual([[0, 200, 80], 0])
  })

  it('are not those of a put that was repeated', () => {
    const run = record('1', [0], { source: 'feed' })
    expect(secondsOf([run, { ...run, sequenceNumber: '2' }])).toEqual([[0], 0])
  })

  it('are not those behind the last record that was applied, which wait', () => {
    expect(secondsOf([record('9', [0]), record('10', [1, 2])], { applied: new Map([[SHARD, '9']]) })).toEqual(
      [[0], 2],
    )
  })

  it('count once where they were put back, when the note of their refusal is gone', () => {
    expect(secondsOf([record('1', [0, 5]), record('2', [0], { source: 'redrive' })])).toEqual([[5, 0], 0])
  })

  it('are not those whose id came before on the same line, whoever sent it', () => {
    const runs = [
      record('1', [0, 1], { source: 'a', ids: [7, 8], line: 'X' }),
      record('2', [0, 1, 2], { source: 'b', ids: [7, 8, 9], line: 'X' }),
      record('3', [3], { source: 'b', ids: [7], line: 'Y' }),
      record('4', [4], { source: 'b' }),
    ]
    expect(secondsOf(runs)).toEqual([[0, 1, 2, 3, 4], 0])
  })

  it('are not those that were cancelled, before or after they came, and are as they were corrected', () => {
    const cancel = (sequence: string, id: number): StreamRun => ({
      ...record(sequence, [0], { ids: [id] }),
      type: 'cancel',
    })
    const correct = (sequence: string, id: number, volume: number): StreamRun => ({
      ...record(sequence, [0], { ids: [id] }),
      type: 'correct',
      replacements: [tradesOf([trade({ seconds: MINUTE, price: 10, volume, id })])],
    })
    const runs = [
      record('1', [0, 0, 0], { ids: [1, 2, 3] }),
      cancel('2', 1),
      correct('3', 2, 5),
      cancel('4', 9),
      record('5', [0], { ids: [9] }),
      correct('6', 1, 6),
      correct('7', 8, 7),
      record('8', [0], { ids: [8] }),
    ]
    const { ticks } = acceptedTicks(runs, NONE)
    expect(ticks.map(({ id, volume }) => [id, Number(volume.units)])).toEqual([
      [2, 5],
      [3, 1],
      [8, 7],
    ])
  })

  it('of several shards are compared with what was applied of their own', () => {
    const elsewhere = { ...record('5', [1]), shard: 'shardId-000000000001' }
    const applied = new Map([
      [SHARD, '9'],
      ['shardId-000000000001', '4'],
    ])
    expect(secondsOf([record('8', [0]), elsewhere], { applied })).toEqual([[0], 1])
  })
})
