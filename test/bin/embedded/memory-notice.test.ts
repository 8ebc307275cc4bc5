import { spawnSync } from 'node:child_process'

import { expect, it } from 'vitest'

import { leanStart } from '../../../bin/lean.mjs'
import { memoryLimits, memoryNotice } from '../../../bin/embedded/memory-notice.ts'

const MB = 1024 * 1024
const ENOUGH = { memory: 2048 * MB, heap: 2048 * MB }

it('enough memory is no notice', () => {
  expect(memoryNotice(ENOUGH)).toBeUndefined()
})

it('too little is said in one line, with what there is and what becomes of the data', () => {
  expect(memoryNotice({ ...ENOUGH, memory: 400 * MB + 1 })).toMatch(
    /^this machine, or its container, gives 400 MB of memory, and npm start needs about 2 GB: .* the next start continues from it$/,
  )
  expect(memoryNotice({ ...ENOUGH, heap: 64 * MB })).toMatch(
    /^Node\.js may use 64 MB for objects, and npm start needs 140 MB \(NODE_OPTIONS=--max-old-space-size=128 or more\): .*/,
  )
})

it('the limits are those of this process', () => {
  expect(memoryLimits().memory).toBeGreaterThan(100 * MB)
  const source = new URL('../../../bin/embedded/memory-notice.ts', import.meta.url)
  const script = `const { memoryLimits } = await import(${JSON.stringify(source)}); console.log(memoryLimits().heap)`
  const { stdout } = spawnSync(
    process.execPath,
    [
      ...(leanStart('start', [])?.flags ?? []),
      '--max-old-space-size=64',
      '--input-type=module',
      '--eval',
      script,
    ],
    { encoding: 'utf8' },
  )
  expect(Number(stdout) / MB).toBeGreaterThan(60)
  expect(Number(stdout) / MB).toBeLessThan(140)
})
