import { expect, it } from 'vitest'

import { ensureBuilt } from '../../../bin/dashboard/build.ts'
import { readStaticFiles, withSessions } from '../../../bin/dashboard/static-files.ts'

it('tells the document of the page, and nothing else, that a cookie says who is signed in', async () => {
  const files = readStaticFiles(await ensureBuilt())
  const served = withSessions(files)
  expect(String(files.get('/')?.body)).not.toContain('data-sign-in')
  expect(String(served.get('/')?.body)).toContain('<html data-sign-in="session" lang="en">')
  for (const [path, file] of files) if (path !== '/') expect(served.get(path)).toBe(file)
  expect(served.size).toBe(files.size)
}, 120_000)
