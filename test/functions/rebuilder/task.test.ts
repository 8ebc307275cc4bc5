import { describe, expect, it } from 'vitest'

import { taskSchema } from '../../../functions/rebuilder/task.ts'

const from = '2025-11-10T14:00:00Z'
const to = '2025-11-10T15:00:00Z'

describe('a task of the rebuilder', () => {
  it('is symbols and a span of minutes', () => {
    expect(taskSchema.parse({ symbols: ['A'], from, to })).toEqual({
      symbols: ['A'],
      from: 1_762_783_200,
      to: 1_762_786_800,
      replaces: 'more',
    })
  })

  it.each([
    [{ symbols: [], from, to }, /name a symbol/],
    [{ symbols: ['\n'], from, to }, /not a symbol/],
    [{ symbols: Array.from({ length: 101 }, String), from, to }, /at most 100 symbols/],
    [{ symbols: ['A'], from: 'soon', to }, /send a UTC minute/],
    [{ symbols: ['A'], from: to, to: from }, /must be after from/],
    [{ symbols: ['A'], from, to: '2025-11-11T14:01:00Z' }, /by 24 hours at the most/],
    [{ symbols: ['A'], from, to, replace: true }, /replace/],
  ])('%j says what is wrong', (event, says) => {
    expect(() => taskSchema.parse(event)).toThrow(says)
  })
})
