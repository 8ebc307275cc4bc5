import { expect, it } from 'vitest'

import { spansOf } from '../../../bin/stage/import.ts'

const HOUR = 3600

it('rebuilds hours with trades together when less than a day lies between them', () => {
  const hours = new Map([
    [60 * HOUR, new Set(['C'])],
    [2 * HOUR, new Set(['B', 'A'])],
    [3 * HOUR, new Set(['B'])],
    [27 * HOUR, new Set(['D'])],
  ])
  expect(spansOf(hours)).toEqual([
    { symbols: ['A', 'B', 'D'], from: 2 * HOUR, to: 28 * HOUR },
    { symbols: ['C'], from: 60 * HOUR, to: 61 * HOUR },
  ])
})
