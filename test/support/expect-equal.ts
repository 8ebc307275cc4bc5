import { isDeepStrictEqual } from 'node:util'

import { expect } from 'vitest'

/** As `expect(actual).toEqual(expected)`, which by itself takes longer than what tens of thousands of random cases test. */
export function expectEqual(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected)
}
