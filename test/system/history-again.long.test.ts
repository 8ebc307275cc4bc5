import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { Client } from 'pg'
import { afterEach, beforeEach, expect, it } from 'vitest'
import * as z from 'zod'

import { readFed } from '../../bin/embedded/fed-until.ts'
import { symbolNames } from '../../feed/symbols.ts'
import { type Started, startIn, startUntil } from './support/start-in.ts'
import { waitFor } from './support/wait-for.ts'

const SYMBOLS = 10
/** Many records of each symbol, so that it ends in the middle. */
const OPTIONS = ['--symbols', String(SYMBOLS), '--history', '120', '--interval', '1']
const TICKS_A_MINUTE = 60

let folder: string
let running: Started | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickstock-test-'))
  // Root's Postgres then stays in it.
  chmodSync(folder, 0o755)
})

afterEach(() => {
  running?.child.kill('SIGKILL')
  spawnSync('umount', [folder])
  rmSync(folder, { recursive: true, force: true })
})

it('every symbol has every tick of its history once when the process is killed in it and started again', async () => {
  running = await startInHistory()
  const dead = once(running.child, 'exit')
  running.child.kill('SIGKILL')
  await dead
  await expectWholeHistory()
  expect(running.printed()).toContain('was killed, perhaps for want of memory; this one continues from')
})

it('every symbol has every tick of its history once when the disk was full in it and has space again', async ({
  skip,
}) => {
  const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=400m', 'tmpfs', folder]).status === 0
  skip(!isMounted, 'only root can mount')
  chmodSync(folder, 0o755)
  running = await startInHistory()
  const ended = once(running.child, 'exit')
  spawnSync('dd', ['if=/dev/zero', `of=${join(folder, 'filler')}`, 'bs=1M'])
  await ended
  expect(running.printed()).toMatch(/\nthe disk is full \(.+\): free some space and start again/)
  rmSync(join(folder, 'filler'))
  await expectWholeHistory()
})

/** A start that has put a twelfth of its history. */
async function startInHistory(): Promise<Started> {
  const started = await startUntil('history ', join(folder, 'data'), OPTIONS)
  const until = fedUntil() + 10 * 60_000
  await waitFor(() => fedUntil() >= until, 'a part of the history')
  return started
}

/** How far the ticks are known to be on the stream, in Unix milliseconds. */
function fedUntil(): number {
  return readFed(join(folder, 'data/fed-until'))?.until ?? 0
}

/** Starts again; then each symbol has each whole minute, from the first to that of now, with all its ticks. */
async function expectWholeHistory(): Promise<void> {
  const data = join(folder, 'data')
  expect(fedUntil()).toBeLessThan(Date.now() - 10 * 60_000)
  const started = Date.now()
  running = await startIn(data, ...OPTIONS)
  const bySymbol = Map.groupBy(await minutesOf(running.port, data), ({ symbol }) => symbol)
  expect([...bySymbol.keys()].toSorted()).toEqual(symbolNames(SYMBOLS).toSorted())
  for (const [symbol, rows] of bySymbol) {
    const begin = rows[0]?.minute ?? 0
    const whole = rows.slice(1).filter(({ minute }) => (minute + 1) * 60_000 < started)
    expect(whole.length).toBeGreaterThan(110)
    expect({ symbol, rows: whole }).toEqual({
      symbol,
      rows: whole.map((_, index) => ({ symbol, minute: begin + 1 + index, ticks: TICKS_A_MINUTE })),
    })
  }
  expect(await running.interrupt()).toBe(0)
}

const rowsSchema = z.array(z.object({ symbol: z.string(), minute: z.int(), ticks: z.int() }))

/** Minutes since 1970 that have a bar, by symbol and time. */
async function minutesOf(port: number, data: string): Promise<z.output<typeof rowsSchema>> {
  const client = new Client({
    host: '127.0.0.1',
    port: port + 1,
    database: 'tickstock',
    user: 'tickstock_owner',
    password: readFileSync(join(data, 'owner-password'), 'utf8'),
  })
  await client.connect()
  try {
    const { rows } = await client.query(
      `SELECT symbol, (extract(epoch FROM timestamp) / 60)::int AS minute, trade_count::int AS ticks
       FROM ohlcv_1min ORDER BY symbol, timestamp`,
    )
    return rowsSchema.parse(rows)
  } finally {
    await client.end()
  }
}
