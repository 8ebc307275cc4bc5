import { describe, expect, it } from 'vitest'

import { COMPATIBLE } from '../../functions/api/compatible/endpoints.ts'
import { cited, readPage } from './page.ts'

const page = { file: 'docs/clients.md', text: readPage('docs/clients.md') }

describe('docs/clients.md', () => {
  it('lists the paths that are answered, and no others', () => {
    const listed = page.text
      .split('\n')
      .filter((line) => line.startsWith('| `/'))
      .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, path]) => path))
    expect(listed.length).toBe(COMPATIBLE.length)
    expect(new Set(listed)).toEqual(new Set(COMPATIBLE.map(({ path }) => path)))
  })

  it('names each client with the version that tests run', () => {
    expect(cited(/^With `(.+)` \d+\.\d+\.\d+/gm, [page]).length).toBeGreaterThan(0)
  })
})
