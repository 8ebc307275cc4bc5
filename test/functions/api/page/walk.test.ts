import { describe, expect, it } from 'vitest'

import type { Direction, Span } from '../../../../functions/api/page/read-plan.ts'
import { walk } from '../../../../functions/api/page/walk.ts'

const DAY_MS = 86_400_000

/** Walks over days, of which one has a row each `every` days; each statement takes `takes` milliseconds. */
async function walkOver(
  days: number,
  {
    direction,
    limit,
    takes,
    every = 1,
  }: { direction: Direction; limit: number; takes: number; every?: number },
) {
  let time = 0
  const pieces: Span[] = []
  const walked = await walk(
    { from: 0, to: days * DAY_MS },
    {
      direction,
      limit,
      now: () => time,
      read: async ({ from, to }, wanted) => {
        pieces.push({ from: from / DAY_MS, to: to / DAY_MS })
        time += takes
        const all: number[] = []
        for (let day = Math.ceil(from / DAY_MS); day * DAY_MS < to; day++)
          if (day % every === 0) all.push(day)
        return (direction === 'asc' ? all : all.toReversed()).slice(0, wanted)
      },
    },
  )
  return { ...walked, pieces }
}

describe('a walk', () => {
  it.each<Direction>(['asc', 'desc'])('gives all rows once and in order, %s', async (direction) => {
    const { rows, reached } = await walkOver(500, { direction, limit: 1000, takes: 1 })
    const all = Array.from({ length: 500 }, (_, day) => day)
    expect(rows).toEqual(direction === 'asc' ? all : all.toReversed())
    expect(reached).toBeUndefined()
  })

  it('looks at two days, then at twice as many each time, at 32 at the most', async () => {
    const { pieces } = await walkOver(200, { direction: 'asc', limit: 1000, takes: 1 })
    expect(pieces.map(({ from, to }) => to - from)).toEqual([2, 4, 8, 16, 32, 32, 32, 32, 32, 10])
  })

  it('stays at two days while they take long', async () => {
    const { pieces } = await walkOver(8, { direction: 'desc', limit: 1000, takes: 150 })
    expect(pieces.map(({ from, to }) => to - from)).toEqual([2, 2, 2, 2])
  })

  it('ends with one row more than the limit', async () => {
    const { rows, pieces, reached } = await walkOver(500, { direction: 'desc', limit: 3, takes: 1 })
    expect({ rows, pieces, reached }).toEqual({
      rows: [499, 498, 497, 496],
      pieces: [
        { from: 498, to: 500 },
        { from: 494, to: 498 },
      ],
      reached: undefined,
    })
  })

  it.each([
    ['asc', 2 * DAY_MS - 1],
    ['desc', 498 * DAY_MS],
  ] as const)('says how far it has come when time runs out, %s', async (direction, expected) => {
    const { reached } = await walkOver(500, { direction, limit: 1000, takes: 2001 })
    expect(reached).toBe(expected)
  })

  it('has not run out of time at its end', async () => {
    expect((await walkOver(2, { direction: 'asc', limit: 1000, takes: 5000 })).reached).toBeUndefined()
  })
})
