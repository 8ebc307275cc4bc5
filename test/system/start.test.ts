import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { afterEach, beforeEach, expect, it } from 'vitest'

import { deployedFlags } from '../../bin/local/flags.ts'
import { waitFor } from './support/wait-for.ts'

const COMMAND_LINE = fileURLToPath(new URL('../../bin/tickstock.ts', import.meta.url))

let folder: string
let port: number
let running: ChildProcess | undefined

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tickstock-test-'))
  port = await freePort()
})

afterEach(() => {
  running?.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

/** A port that is free, as is the next one. */
async function freePort(): Promise<number> {
  for (;;) {
    const first = createServer()
    const found = await listen(first, 0)
    const second = createServer()
    const next = found === undefined ? undefined : await listen(second, found + 1)
    first.close()
    second.close()
    if (found !== undefined && next !== undefined) return found
  }
}

function listen(server: Server, wanted: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    server.once('error', () => resolve(undefined))
    server.listen(wanted, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' ? address?.port : undefined)
    })
  })
}

/** `npm start` until it is up; gives what it printed so far, and ends it as Ctrl-C does. */
async function start(...options: readonly string[]) {
  const child = spawn(
    process.execPath,
    [COMMAND_LINE, 'start', '--port', String(port), '--data', folder, '--symbols', '3', ...options],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  running = child
  let printed = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      printed += chunk.toString()
    })
  await waitFor(() => printed.includes('\nstop ') || child.exitCode !== null, 'the start')
  return {
    printed: () => printed,
    interrupt: async (): Promise<number | null> => {
      const ended = once(child, 'exit')
      child.kill('SIGINT')
      await ended
      return child.exitCode
    },
  }
}

it('plays history in, runs live, stops at Ctrl-C, goes on from its data, and --fresh starts anew', async () => {
  const first = await start('--history', '3')
  expect(first.printed()).toMatch(/history: 5\d\d ticks, \d+ bars in/)
  expect(await first.interrupt()).toBe(0)
  expect(first.printed()).toMatch(/stopped; [1-9]\d* bars were written. The next start goes on from/)

  writeFileSync(join(folder, 'mark'), '')
  const second = await start('--history', '3')
  const [, ticks = '0'] = /history: (\d+) ticks/.exec(second.printed()) ?? []
  expect(Number(ticks)).toBeLessThan(500)
  expect(await second.interrupt()).toBe(0)
  expect(existsSync(join(folder, 'mark'))).toBe(true)

  const third = await start('--history', '3', '--fresh')
  expect(third.printed()).toMatch(/history: 5\d\d ticks, \d+ bars in/)
  expect(existsSync(join(folder, 'mark'))).toBe(false)
  expect(await third.interrupt()).toBe(0)
})

it('stops at Ctrl-C while aggregation is off, and says that ticks stay on the stream', async () => {
  const { interrupt, printed } = await start('--no-feed')
  const environment = { AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` }
  await deployedFlags('local', environment).set('aggregation', 'off')
  expect(await interrupt()).toBe(0)
  expect(printed()).toContain('the flag aggregation is off: ticks stay on the stream')
})
