import { expect, it } from 'vitest'

import { affinityOf } from '../../../bin/embedded/affinity.ts'

it.each(['shard', 'none'])('TICKSTOCK_AFFINITY may be %s', (affinity) => {
  expect(affinityOf({ TICKSTOCK_AFFINITY: affinity })).toBe(affinity)
})

it('the variable may be left out', () => {
  expect(affinityOf({})).toBeUndefined()
  expect(affinityOf({ TICKSTOCK_AFFINITY: '' })).toBeUndefined()
})

it('any other value is refused by name', () => {
  expect(() => affinityOf({ TICKSTOCK_AFFINITY: 'None' })).toThrow(
    'TICKSTOCK_AFFINITY is "None": set it to shard or none, or unset it',
  )
})
