import { describe, expect, it } from 'vitest'

import { evolve } from '../../../functions/domain/evolve.ts'
import { finalizeThrough } from '../../../functions/domain/finalize.ts'
import { INITIAL_STATE, type MinuteState } from '../../../functions/domain/minute-state.ts'
import { runOf, trade } from '../../support/trades.ts'

const T = 1_760_106_720
const RULES = { latenessSeconds: 120, graceMs: 2000 }

let sequence = 0
const take = (state: MinuteState, ...seconds: readonly number[]) =>
  evolve(
    state,
    {
      type: 'trades',
      now: 0,
      runs: seconds.map((second) =>
        runOf([trade({ seconds: T + second })], { sequenceNumber: String(++sequence) }),
      ),
    },
    RULES,
  )
const barsOf = ({ outbox }: MinuteState) =>
  outbox.map(({ builder }) => [(builder.start - T) / 60, builder.count, builder.revision])

describe('finalizeThrough', () => {
  it('of a symbol without a state refuses trades of minutes that have bars, and begins with the next one', () => {
    const { state, outcome } = take(finalizeThrough(INITIAL_STATE, T), 30, 60, 70, 59, 120)
    expect(outcome.refused.map(({ reason }) => reason)).toEqual(['finalized', 'finalized'])
    expect(barsOf(state)).toEqual([[1, 2, 1]])
  })

  it('leaves what a state has of later minutes, and drops what it has of those before', () => {
    const { state } = take(INITIAL_STATE, 0, 60, 120, 185)
    const finalized = finalizeThrough(state, T + 60)
    expect(barsOf(take(finalized, 130, 70, 240).state).slice(barsOf(state).length)).toEqual([
      [2, 2, 2],
      [3, 1, 1],
    ])
  })

  it('drops an open bar of a minute that has one', () => {
    const { state } = take(INITIAL_STATE, 0)
    const after = take(finalizeThrough(state, T), 61, 125)
    expect(barsOf(after.state)).toEqual([[1, 1, 1]])
  })
})
