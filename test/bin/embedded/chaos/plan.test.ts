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
      expect(new Set(kinds).size).toBe(9)
      expect(new Set(kinds.slice(0, 9)).size).toBe(9)
      const times = steps.map(({ atMs }) => atMs)
      expect(times).toEqual(times.toSorted((a, b) => a - b))
      expect(times.every((time) => time > 0 && time <= given.milliseconds)).toBe(true)
    }),
  )
})

it('a plan is told in words', () => {
  const told = makePlan({ seed: 1, milliseconds: 30_000 }).map(({ action }) => describeAction(action))
  expect(told.slice(0, 9).toSorted()).toEqual([
    expect.stringMatching(/^fill the disk for \d+ ms$/),
    expect.stringMatching(/^freeze the sessions of Postgres for \d+ ms$/),
    expect.stringMatching(/^freeze the whole runtime for \d+ ms$/),
    expect.stringMatching(/^kill Postgres, start it again after \d+ ms$/),
    expect.stringMatching(/^kill the whole runtime, start it again after \d+ ms$/),
    expect.stringMatching(/^kill the workers of the [a-z-]+$/),
    expect.stringMatching(/^put the clock of the (?!streams)[a-z-]+ (forward|back) by \d+\.\d s for \d+ ms$/),
    expect.stringMatching(/^put the clock of the streams (forward|back) by \d+\.\d s for \d+ ms$/),
    expect.stringMatching(/^split or merge shards of (ticks|bars)$/),
  ])
})

it('a plan leaves out what it is told to, and has longer pauses where it is told', () => {
  fc.assert(
    fc.property(options, (given) => {
      const kinds = makePlan({ ...given, without: ['fill-disk', 'kill-runtime'] }).map(
        ({ action }) => action.type,
      )
      expect(new Set(kinds).size).toBe(7)
      expect(kinds).not.toContain('fill-disk')
      expect(kinds).not.toContain('kill-runtime')
    }),
  )
  const day = { seed: 1, milliseconds: 86_400_000 }
  const [often, seldom] = [makePlan(day), makePlan({ ...day, meanGapMs: 60_000 })].map(({ length }) => length)
  expect(often).toBeGreaterThan(9 * (seldom ?? 0))
})

it('clocks are off by seconds as often as by minutes, forward as often as back', () => {
  const jumps = makePlan({ seed: 3, milliseconds: 86_400_000 }).flatMap(({ action }) =>
    action.type === 'jump-clock' || action.type === 'jump-stream-clock' ? [action.aheadMs] : [],
  )
  expect(jumps.every((jump) => Math.abs(jump) >= 1000 && Math.abs(jump) <= 300_000)).toBe(true)
  const share = (is: (jump: number) => boolean) => jumps.filter(is).length / jumps.length
  expect(share((jump) => jump > 0)).toBeCloseTo(0.5, 1)
  expect(share((jump) => Math.abs(jump) > 17_000)).toBeCloseTo(0.5, 1)
})
