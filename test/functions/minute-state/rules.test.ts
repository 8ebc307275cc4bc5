import { expect, it } from 'vitest'

import { rulesOf } from '../../../functions/minute-state/rules.ts'
import { encodeMinuteState } from '../../../functions/minute-state/codec.ts'
import { evolve } from '../../../functions/domain/evolve.ts'
import { INITIAL_STATE } from '../../../functions/domain/minute-state.ts'
import { runOf, trade } from '../../support/trades.ts'

const START = 1_760_106_720

it('ticks a minute apart, sent in bulk, never outgrow an item of 400 KB', () => {
  const rules = rulesOf({ LATENESS_SECONDS: 3600, GRACE_MS: 2000 })
  const trades = Array.from({ length: 10_000 }, (_, minute) =>
    trade({
      seconds: START + 60 * minute,
      nanos: 123_456_789,
      price: `${'9'.repeat(15)}.${'9'.repeat(18)}`,
      volume: `${'9'.repeat(15)}.${'9'.repeat(18)}`,
    }),
  )
  const run = runOf(trades, { sequenceNumber: '1' })
  const { state, rest } = evolve(INITIAL_STATE, { type: 'trades', now: 0, runs: [run] }, rules)
  expect(rest).toBeDefined()
  expect(encodeMinuteState(state).length).toBeLessThan(200_000)
})
