import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { runCommand } from './support/run-command.ts'

const HEADER = 'symbol,timestamp,price,volume'
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickstock-test-'))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function fileOf(name: string, ...lines: readonly string[]): string {
  const file = join(folder, name)
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''))
  return file
}

describe('npm run replay', () => {
  it('writes the bars, shows each bad row with its line and its fault, and counts them', async () => {
    const file = fileOf(
      'trades.csv',
      HEADER,
      'A,1760106720.5,10.5,2',
      'A,1760106721,abc,1',
      'A,1760106722,-5,1',
      'A,1760106723',
      'A,1760106724000,10,1',
      'A,1760106779.9,10.25,0.00000001',
      'A,1760106780,11,1',
    )
    const out = join(folder, 'bars.csv')
    const { code, stdout } = await runCommand(['replay', file, '--out', out], {})
    expect(code).toBe(0)
    for (const said of [
      `${file}:5: wrong number of columns: 2, and the header has 4: A,1760106723\n`,
      `${file}:3: rejected: price "abc"`,
      `${file}:4: rejected: price "-5"`,
      `${file}:6: rejected: timestamp "1760106724000" is in the future: it looks like milliseconds; send seconds\n`,
    ])
      expect(stdout).toContain(said)
    expect(stdout).toMatch(/^ticks +6\nrejected +4\nlate +0\nbars +2\n/m)
    expect(readFileSync(out, 'utf8')).toBe(
      [
        'symbol,timestamp,open,high,low,close,volume,vwap,trade_count,revision',
        'A,2025-10-10T14:32:00Z,10.5,10.5,10.25,10.25,2.00000001,10.5,2,1',
        'A,2025-10-10T14:33:00Z,11,11,11,11,1,11,1,1',
        '',
      ].join('\n'),
    )
  })

  it(
    'writes no formula and moves no cursor for symbols and rows that would',
    { timeout: 300_000 },
    async () => {
      const symbols = ['=cmd', '@SUM', '+1+1', '-..']
      const file = fileOf(
        'hostile.csv',
        HEADER,
        ...symbols.map((symbol) => `${symbol},1760106720,10,1`),
        '\u001b[2J\u0007,1760106720,10,1',
        'A\u001b]0;owned\u0007',
      )
      const out = join(folder, 'hostile-bars.csv')
      const { code, stdout, stderr } = await runCommand(['replay', file, '--out', out], {})
      expect(code).toBe(0)
      expect(`${stdout}${stderr}`).not.toMatch(/[^\P{Cc}\n]/u)
      expect(stdout).toContain(
        `${file}:7: wrong number of columns: 1, and the header has 4: A\\u001b]0;owned\\u0007\n`,
      )
      const cells = readFileSync(out, 'utf8')
        .split('\n')
        .slice(1, -1)
        .map((line) => line.split(',')[0])
      expect(cells).toEqual(expect.arrayContaining(symbols.map((symbol) => `'${symbol}`)))
      const raw = join(folder, 'raw-bars.csv')
      await runCommand(['replay', file, '--out', raw, '--formulas', 'raw'], {})
      expect(readFileSync(raw, 'utf8')).toContain('\n=cmd,2025')
    },
  )

  it.each([
    ['a file that is not there', 'none.csv', [], /none\.csv does not exist: check the path/],
    ['an empty file', 'empty.csv', [], /empty\.csv is empty: its first line has to be/],
    ['another header', 'other.csv', ['time,price'], /other\.csv, line 1: the header is "time,price"/],
  ])('refuses %s in one line', async (_what, name, lines, message) => {
    const file = name === 'none.csv' ? join(folder, name) : fileOf(name, ...lines)
    const { code, stderr } = await runCommand(['replay', file], {})
    expect(code).toBe(1)
    expect(stderr).toMatch(message)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  })

  it('refuses an output that cannot be written before it starts anything', async () => {
    const file = fileOf('good.csv', HEADER, 'A,1760106720,10,1')
    const { code, stderr } = await runCommand(['replay', file, '--out', join(folder, 'no', 'bars.csv')], {})
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /bars\.csv cannot be written \(ENOENT.*\): check the folder and its permissions\n$/,
    )
  })

  it('writes the same bytes each time, revisions included, also where the machine is slowed down by load', async () => {
    const file = fileOf('late.csv', HEADER, ...rowsWithLateTrades())
    const quiet = await outputsOf(file, 'quiet')
    const hogs = await startHogs()
    const slowed = await outputsOf(file, 'slowed').finally(hogs.stop)
    expect(slowed).toEqual(quiet)
    expect(await outputsOf(file, 'again')).toEqual(quiet)
    // Trades did come late, and in time and too late.
    expect(quiet.counted).toMatch(/^late +[1-9]/m)
    expect(quiet.counted).toMatch(/^rejected +[1-9]/m)
    expect(quiet.bars).toMatch(/,2\n/)
    expect(quiet.signals).toMatch(/rsi/)
  })

  it('says in one line that the disk of its output or of its data is full, and leaves no data', async ({
    skip,
  }) => {
    const disk = join(folder, 'disk')
    mkdirSync(disk)
    const mount = (size: string) =>
      spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', disk]).status === 0
    skip(!mount('8k'), 'only root can mount')
    try {
      const rows = Array.from({ length: 400 }, (_, minute) => `A,${1_760_106_720 + 60 * minute},10,1`)
      const file = fileOf('many.csv', HEADER, ...rows)
      const out = join(disk, 'bars.csv')
      const full = await runCommand(['replay', file, '--out', out], {})
      expect(full.code).toBe(1)
      expect(full.stderr).toMatch(
        /^the disk is full \(.*bars\.csv is incomplete: ENOSPC.*\): free some space and run it again, from the beginning\n$/,
      )

      spawnSync('umount', [disk])
      mount('256k')
      const small = await runCommand(['replay', file], { TMPDIR: disk })
      expect(small.code).toBe(1)
      expect(small.stderr).toMatch(
        /^the disk is full \(.*\): free some space and run it again, from the beginning\n$/,
      )
      expect(readdirSync(disk)).toEqual([])
    } finally {
      spawnSync('umount', [disk])
    }
  })
})

/** Trades of three symbols over half an hour, of which some come up to four minutes late. */
function rowsWithLateTrades(): string[] {
  const rows: { readonly at: number; readonly row: string }[] = []
  for (let index = 0; index < 2700; index++) {
    const second = Math.floor(index / 3) * 2
    const delay = index % 97 === 0 ? (index % 7) * 40 : 0
    const price = 100 + (((index * 7919) % 400) - 200) / 100
    rows.push({
      at: second + delay,
      row: `S${index % 3},${1_760_106_720 + second},${price.toFixed(2)},${(index % 11) + 1}`,
    })
  }
  return rows.toSorted((one, other) => one.at - other.at).map(({ row }) => row)
}

/** What a replay of a file writes and counts, without what depends on the clock. */
async function outputsOf(file: string, name: string) {
  const path = (kind: string) => join(folder, `${name}-${kind}.csv`)
  const given = ['--out', path('bars'), '--signals', path('signals'), '--patterns', path('patterns')]
  const { code, stdout } = await runCommand(['replay', file, ...given], {})
  expect(code).toBe(0)
  const [bars, signals, patterns] = ['bars', 'signals', 'patterns'].map((kind) =>
    readFileSync(path(kind), 'utf8'),
  )
  const counted = stdout.match(/^(ticks|rejected|late|bars|indicators|patterns) +[\d,]+$/gm)?.join('\n')
  return { bars, signals, patterns, counted }
}

/** Processes that take all the time that they get. */
async function startHogs() {
  const hogs = Array.from({ length: 2 }, () =>
    spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }),
  )
  await Promise.all(hogs.map((hog) => once(hog, 'spawn')))
  return {
    stop: () => {
      for (const hog of hogs) hog.kill('SIGKILL')
    },
  }
}
