import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { deployedFlags } from '../../bin/local/flags.ts'
import { type Started, startIn } from './support/start-in.ts'

let folder: string
let running: Started | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickstock-test-'))
})

afterEach(() => {
  running?.child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

async function start(...options: readonly string[]): Promise<Started> {
  running = await startIn(join(folder, 'data'), ...options)
  return running
}

it('plays history in, runs live, stops at Ctrl-C, goes on from its data, and --fresh starts anew', async () => {
  const first = await start('--history', '3')
  expect(first.printed()).toMatch(/history: 5\d\d ticks, \d+ bars in/)
  expect(await first.interrupt()).toBe(0)
  expect(first.printed()).toMatch(/stopped; [1-9]\d* bars were written. The next start goes on from/)

  writeFileSync(join(folder, 'data/mark'), '')
  const second = await start('--history', '3')
  const [, ticks = '0'] = /history: (\d+) ticks/.exec(second.printed()) ?? []
  expect(Number(ticks)).toBeLessThan(500)
  expect(await second.interrupt()).toBe(0)
  expect(existsSync(join(folder, 'data/mark'))).toBe(true)

  const third = await start('--history', '3', '--fresh')
  expect(third.printed()).toMatch(/history: 5\d\d ticks, \d+ bars in/)
  expect(existsSync(join(folder, 'data/mark'))).toBe(false)
  expect(await third.interrupt()).toBe(0)
})

it('stops at Ctrl-C while aggregation is off, and says that ticks stay on the stream', async () => {
  const { interrupt, printed, port } = await start('--no-feed')
  const environment = { AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` }
  await deployedFlags('local', environment).set('aggregation', 'off')
  expect(await interrupt()).toBe(0)
  expect(printed()).toContain('the flag aggregation is off: ticks stay on the stream')
})

describe('on a disk of its own', () => {
  const mount = (size: string, ...options: readonly string[]): boolean =>
    spawnSync('mount', ['-t', 'tmpfs', '-o', [`size=${size}`, ...options].join(','), 'tmpfs', folder])
      .status === 0

  afterEach(() => void spawnSync('umount', [folder]))

  it('that is full from the start it says so in one line', async ({ skip }) => {
    skip(!mount('20m'), 'only root can mount')
    const { child, printed } = await start('--no-feed')
    expect(child.exitCode).toBe(1)
    expect(printed()).toMatch(/\nthe disk is full \(.+\): free some space and start again.*\n$/)
    expect(printed()).not.toContain('    at ')
  })

  it('that fills while it runs it says so in one line, and goes on once there is space', async ({ skip }) => {
    skip(!mount('200m'), 'only root can mount')
    const { child, printed } = await start('--history', '2', '--interval', '0.02')
    const ended = once(child, 'exit')
    spawnSync('dd', ['if=/dev/zero', `of=${join(folder, 'filler')}`, 'bs=1M'])
    await ended
    expect(child.exitCode).toBe(1)
    expect(printed()).toMatch(/\nthe disk is full \(.+\): free some space and start again.*\n$/)
    expect(printed()).not.toContain('    at ')

    rmSync(join(folder, 'filler'))
    const again = await start('--history', '2')
    expect(await again.interrupt()).toBe(0)
    expect(again.printed()).toMatch(/stopped; [1-9]\d* bars were written/)
  })
})
