import { appendFileSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, it, onTestFinished } from 'vitest'

import { openActions } from '../../../bin/dashboard/actions.ts'

it('what operators did is kept over restarts, the newest first, for its user only', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tickstock-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'actions')
  let now = 0
  const open = () => openActions(file, () => ++now)
  expect(open().list()).toEqual([])
  open().record('flag analytics off')
  appendFileSync(file, '{"at":1\n')
  open().record('flag analytics "on"\n')
  const who = 'operator on this machine'
  expect(open().list()).toEqual([
    { at: 2, who, what: 'flag analytics "on"\n' },
    { at: 1, who, what: 'flag analytics off' },
  ])
  expect(statSync(file).mode & 0o777).toBe(0o600)
})
