import { readFileSync } from 'node:fs'

import { expect, it } from 'vitest'

import { scaleReport } from '../../../bin/scale/scale.ts'

it('docs/scale.md says what the command prints', () => {
  const page = readFileSync(new URL('../../../docs/scale.md', import.meta.url), 'utf8')
  expect(page).toContain(scaleReport({ rate: 100, batch: 0.1, context: {} }, {}))
})
