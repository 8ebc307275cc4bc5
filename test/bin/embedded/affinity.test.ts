import { expect, it } from 'vitest'

import { affinityOf, shardWorkersOf } from '../../../bin/embedded/affinity.ts'

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

it('TICKSTOCK_SHARD_WORKERS may be a number of threads, or be left out', () => {
  expect(
    ['1', '64', '', undefined].map((given) => shardWorkersOf({ TICKSTOCK_SHARD_WORKERS: given })),
  ).toEqual([1, 64, undefined, undefined])
})

it.each(['0', '65', '-1', '2.5', 'two', '1e1'])('%j workers are refused', (given) => {
  expect(() => shardWorkersOf({ TICKSTOCK_SHARD_WORKERS: given })).toThrow(
    `TICKSTOCK_SHARD_WORKERS is "${given}": set it to a number from 1 to 64, or unset it`,
  )
})
