import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import { describe, expect, it } from 'vitest'

import { leanStart } from '../../bin/lean.mjs'

const COMMAND_LINE = fileURLToPath(new URL('../../bin/tickstock.mjs', import.meta.url))
/** Prints with which options, and as which process, Node.js runs. */
const TELL =
  'data:text/javascript,console.error(process.pid,process.env.MALLOC_ARENA_MAX,...process.execArgv)'

describe('a command that keeps a deployment in its process', () => {
  it('runs with bounds for what Node.js keeps of garbage', () => {
    for (const command of ['start', 'soak', 'load', 'chaos'])
      expect(leanStart(command, [])?.flags).toContain('--max-semi-space-size=4')
    expect(leanStart('replay', [])?.flags).toContain('--max-semi-space-size=16')
    expect(leanStart('metrics', [])).toBeUndefined()
    expect(leanStart(undefined, [])).toBeUndefined()
  })

  it('runs as it is once it has them, or where one was given by hand', () => {
    expect(leanStart('start', leanStart('start', [])?.flags ?? [])).toBeUndefined()
    expect(leanStart('start', ['--max-semi-space-size=64'])).toBeUndefined()
    expect(leanStart('start', ['--inspect'])).toBeDefined()
  })

  it.skipIf(process.platform === 'win32')('stays one process, with the options of the first', () => {
    const { status, stderr, stdout, pid } = spawnSync(
      process.execPath,
      ['--import', TELL, COMMAND_LINE, 'start', '--help'],
      { encoding: 'utf8' },
    )
    expect(stdout).toContain('Usage: tickstock start')
    const [first, second] = stderr.trim().split('\n')
    expect(first).toBe(`${pid} undefined --import ${TELL}`)
    expect(second).toMatch(new RegExp(`^${pid} 2 --max-semi-space-size=4 .*--import `))
    expect(status).toBe(0)
  })
})
