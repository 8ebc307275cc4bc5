import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, it } from 'vitest'

import { parseEvent } from '../../bin/embedded/chaos/outside/history.ts'
import { runCommand } from './support/run-command.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickstock-test-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('half a minute of kills, freezes, wrong clocks and a full disk loses nothing, doubles nothing, hides no gap and shows clients nothing wrong', async ({
  annotate,
}) => {
  const file = join(folder, 'history.ndjson')
  const { code, stdout, stderr } = await runCommand(
    ['chaos', '--minutes', '0.6', '--seed', '1027', '--history', file],
    {},
  )
  expect(stderr).toBe('')
  const isFilled = !stdout.includes('the disk is not filled: ')
  if (!isFilled) await annotate('the disk is not filled: only root on Linux can mount one of its own')
  for (const kind of [
    'kill the workers of the ',
    'split or merge shards of ',
    'kill Postgres',
    'freeze the sessions of Postgres',
    'kill the whole runtime',
    'freeze the whole runtime',
    'put the clock of the api forward',
    'put the clock of the streams ',
    ...(isFilled ? ['fill the disk'] : []),
  ])
    expect(stdout).toContain(` s  ${kind}`)
  const numberOf = (name: string): string => new RegExp(`^${name} +(\\S+)`, 'm').exec(stdout)?.[1] ?? ''
  expect(numberOf('trades acknowledged')).toMatch(/^\d{1,3}(,\d{3})+$/)
  expect(numberOf('trades in bars')).toBe(numberOf('trades acknowledged'))
  for (const name of [
    'bars',
    'answers over REST',
    'answers as of a time, asked for again',
    'bars received over WebSocket',
  ])
    expect({ name, number: numberOf(name) }).toEqual({ name, number: expect.stringMatching(/^[1-9]/) })
  expect({ code, stdout }).toEqual({ code: 0, stdout })

  const again = await runCommand(['chaos', '--judge', file], {})
  expect(again).toEqual({
    code: 0,
    stdout: stdout.slice(stdout.lastIndexOf('trades acknowledged')),
    stderr: '',
  })
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  // A trade of which no bar knows.
  writeFileSync(file, `${[withOneMore(lines), ...lines].join('\n')}\n`)
  const doctored = await runCommand(['chaos', '--judge', file], {})
  expect(doctored.code).toBe(1)
  expect(doctored.stdout).toMatch(/^trades lost +1 aim 0$/m)
  writeFileSync(file, `${lines[0]}\nrubbish\n`)
  const rubbish = await runCommand(['chaos', '--judge', file], {})
  expect(rubbish.code).toBe(1)
  expect(rubbish.stderr).toMatch(/history\.ndjson:2 is no event of a history: .*\n$/)
  const missing = await runCommand(['chaos', '--judge', join(folder, 'none')], {})
  expect(missing.code).toBe(1)
  expect(missing.stderr).toMatch(/^.*none.*\n$/)
})

/** A put of a trade again that has been put. */
function withOneMore(lines: readonly string[]): string {
  for (const line of lines) {
    const event = parseEvent(line)
    if (event.type === 'put') return JSON.stringify({ ...event, trades: event.trades.slice(0, 1) })
  }
  throw new Error('nothing was put')
}
