import { describe, expect, it } from 'vitest'

import { ConflictError, retryOnConflict } from '../../../../functions/shared/dynamodb/retry-on-conflict.ts'

/** Commits that meet so many conflicts, by key. */
function contended(conflicts: Readonly<Record<string, number>>) {
  const attempts: (readonly string[])[] = []
  const attempt = async (keys: readonly string[]) => {
    attempts.push(keys)
    return keys.filter((key) => attempts.length <= (conflicts[key] ?? 0))
  }
  return { attempt, attempts }
}

describe('a commit that meets conflicts', () => {
  it('is tried again for the keys in conflict only', async () => {
    const { attempt, attempts } = contended({ A: 2, C: 1 })
    expect(await retryOnConflict(['A', 'B', 'C'], attempt)).toEqual(new Map())
    expect(attempts).toEqual([['A', 'B', 'C'], ['A', 'C'], ['A']])
  })

  it('gives up after 21 attempts, with an error for each key', async () => {
    const { attempt, attempts } = contended({ A: 20, B: 21 })
    const nameOf = (key: string) => `the connection ${key}`
    const exhausted = await retryOnConflict(['A', 'B'], attempt, { nameOf })
    expect(exhausted).toEqual(
      new Map([['B', new ConflictError('the connection B changed under 21 commits in a row')]]),
    )
    expect(attempts).toHaveLength(21)
  })

  it('does nothing without keys', async () => {
    const { attempt, attempts } = contended({})
    expect(await retryOnConflict([], attempt)).toEqual(new Map())
    expect(attempts).toEqual([])
  })
})
