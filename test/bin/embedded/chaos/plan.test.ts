import fc from 'fast-check'
import { expect, it } from 'vitest'

import { describeAction, makePlan } from '../../../../bin/embedded/chaos/plan.ts'

const options = fc.record({ seed: fc.nat(2 ** 31), milliseconds: fc.integer({ min: 6000, max: 3_600_000 }) })

it('a seed reproduces its plan, and another seed has another', () => {
  fc.assert(
    fc.property(options, (given) => {
      expect(makePlan(given)).toEqual(makePlan(given))
      expect(makePlan({ ...given, seed: given.seed + 1 })).not.toEqual(makePlan(given))
    }),
  )
})

it('a plan has actions of every kind, each once before any comes again, within its time', () => {
  fc.assert(
    fc.property(options, (given) => {
      const steps = makePlan(given)
      const kinds = steps.map(({ action }) => action.type)
      expect(new Set(kinds).size).toBe(6)
      expect(new Set(kinds.slice(0, 6)).size).toBe(6)
      const times = steps.map(({ atMs }) => atMs)
      expect(times).toEqual(times.toSorted((a, b) => a - b))
      expect(times.every((time) => time > 0 && time <= given.milliseconds)).toBe(true)
    }),
  )
})

it('a plan is told in words', () => {
  const told = makePlan({ seed: 1, milliseconds: 30_000 }).map(({ action }) => describeAction(action))
  expect(told.slice(0, 6).toSorted()).toEqual([
    expect.stringMatching(/^freeze the sessions of Postgres for \d+ ms$/),
    expect.stringMatching(/^freeze the whole runtime for \d+ ms$/),
    expect.stringMatching(/^kill Postgres, start it again after \d+ ms$/),
    expect.stringMatching(/^kill the whole runtime, start it again after \d+ ms$/),
    expect.stringMatching(/^kill the workers of the [a-z-]+$/),
    expect.stringMatching(/^split or merge shards of (ticks|bars)$/),
  ])
})
