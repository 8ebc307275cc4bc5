import { spawnSync } from 'node:child_process'
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { runCommand, type RunningCommand, startCommand } from './support/run-command.ts'
import { waitFor } from './support/wait-for.ts'

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
    expect(stdout).toMatch(
      /^rows +7\nrejected +4 \(bad-price 2, bad-row 1, future 1\)\nduplicates +0\ntrades +3 in bars\nbars +2\n/m,
    )
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
        '"A\nFORGED all is well\u2028",1',
      )
      const out = join(folder, 'hostile-bars.csv')
      const { code, stdout, stderr } = await runCommand(['replay', file, '--out', out], {})
      expect(code).toBe(0)
      expect(`${stdout}${stderr}`).not.toMatch(/[^\P{Cc}\n]/u)
      expect(stdout).toContain(
        `${file}:7: wrong number of columns: 1, and the header has 4: A\\u001b]0;owned\\u0007\n`,
      )
      expect(stdout).toContain(
        `${file}:8: wrong number of columns: 2, and the header has 4: "A\\u000aFORGED all is well\\u2028",1\n`,
      )
      const cells = readFileSync(out, 'utf8')
        .split('\n')
        .slice(1, -1)
        .map((line) => line.split(',')[0])
      expect(cells).toEqual(expect.arrayContaining(symbols.map((symbol) => `'${symbol}`)))
    },
  )

  it.each([
    ['a file that is not there', 'none.csv', [], /none\.csv does not exist: check the path/],
    ['an empty file', 'empty.csv', [], /empty\.csv is empty: it has no trades/],
    [
      'another header',
      'other.csv',
      ['time,price'],
      /other\.csv is of no known format: its columns are "time,price"/,
    ],
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

  it.each([
    [
      'its input',
      ['--out', 'guarded.csv'],
      /--out .*guarded\.csv is the input .*guarded\.csv: name another file/,
    ],
    ['a link to its input', ['--rejects', 'link.csv'], /--rejects .*link\.csv is the input .*guarded\.csv/],
    [
      'one file for two things',
      ['--out', 'x.csv', '--signals', './x.csv'],
      /--signals .*x\.csv is the file of --out too/,
    ],
  ])('refuses to write over %s, and touches nothing', async (_what, given, message) => {
    const file = fileOf('guarded.csv', HEADER, 'A,1760106720,10,1')
    const link = join(folder, 'link.csv')
    rmSync(link, { force: true })
    symlinkSync(file, link)
    const before = readdirSync(folder)
    const text = readFileSync(file, 'utf8')
    const { code, stderr } = await runCommand(
      ['replay', file, ...given.map((each) => (each.endsWith('.csv') ? join(folder, each) : each))],
      {},
    )
    expect(code).toBe(1)
    expect(stderr).toMatch(message)
    expect(readFileSync(file, 'utf8')).toBe(text)
    expect(readdirSync(folder)).toEqual(before)
  })

  it('refuses an environment with an affinity that there is not', async () => {
    const file = fileOf('affinity.csv', HEADER, 'A,1760106720,10,1')
    const { code, stderr } = await runCommand(['replay', file], { TICKSTOCK_AFFINITY: 'zone' })
    expect(code).toBe(1)
    expect(stderr).toBe('TICKSTOCK_AFFINITY is "zone": set it to shard or none, or unset it\n')
  })

  it('refuses a file that is given twice, also by another name', async () => {
    const file = fileOf('twice.csv', HEADER, 'A,1760106720,10,1')
    const other = join(folder, 'hard-link.csv')
    linkSync(file, other)
    const { code, stderr } = await runCommand(['replay', file, other], {})
    expect(code).toBe(1)
    expect(stderr).toMatch(/hard-link\.csv is the same file as .*twice\.csv: give it once\n$/)
  })

  it('exits with 1 when all rows are rejected, with the first reasons, and all of them in a file; an earlier output stays', async () => {
    const file = fileOf(
      'rubbish.csv',
      HEADER,
      ...Array.from({ length: 12 }, (_, row) => `A,1760106720,x${row},1`),
    )
    const out = join(folder, 'earlier.csv')
    writeFileSync(out, 'good\n')
    const rejects = join(folder, 'rejects.csv')
    const { code, stdout } = await runCommand(['replay', file, '--out', out, '--rejects', rejects], {})
    expect(code).toBe(1)
    expect(stdout).toContain(`${file}:2: rejected: price "x0" is not a decimal number`)
    expect(stdout).toContain('... and 2 more rejected rows (--rejects FILE writes them all)\n')
    expect(stdout).toMatch(/^rows +12\nrejected +12 \(bad-price 12\)\n/m)
    expect(readFileSync(out, 'utf8')).toBe('good\n')
    const lines = readFileSync(rejects, 'utf8').trimEnd().split('\n')
    expect(lines).toHaveLength(13)
    expect(lines[12]).toMatch(/^.*rubbish\.csv,13,bad-price,.*,"A,1760106720,x11,1"$/)
  })

  it('reads files and rows in any order: newest first, a row of another month, rows twice by their id', async () => {
    const at = (minute: number): number => 1_760_106_720 + 60 * minute
    const newestFirst = fileOf(
      'trades-10.csv',
      `${HEADER},id`,
      ...Array.from(
        { length: 61 },
        (_, minute) => `A,${at(60 - minute)}.5,${60 - minute + 1},1,${61 - minute}`,
      ),
    )
    const later = fileOf(
      'trades-9.csv',
      `${HEADER},id`,
      // Repeats a trade of the other file, and has another with its id.
      `A,${at(0)}.5,1,1,1`,
      `A,${at(1)}.5,99,1,2`,
      `A,${at(30 * 1440)},7,1,500`,
      `A,${at(-1)},5,1,0`,
      `=cmd,${at(0)},1,1,1`,
    )
    const out = join(folder, 'any-order.csv')
    const given = ['replay', newestFirst, later, '--out', out, '--formulas', 'raw']
    const { code, stdout } = await runCommand(given, {})
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /^rows +66\nrejected +1 \(other-values 1\)\nduplicates +1\ntrades +64 in bars\nbars +64\n/m,
    )
    expect(stdout).toContain(
      `${later}:3: rejected: another trade of that time has its id, with price 2 and volume 1`,
    )
    const [formula, ...bars] = readFileSync(out, 'utf8').trimEnd().split('\n').slice(1)
    // As it is, where somebody asks for that.
    expect(formula).toMatch(/^=cmd,2025/)
    expect(bars).toHaveLength(63)
    expect(bars[0]).toBe('A,2025-10-10T14:31:00Z,5,5,5,5,1,5,1,1')
    expect(bars[1]).toBe('A,2025-10-10T14:32:00Z,1,1,1,1,1,1,1,1')
    expect(bars[62]).toBe('A,2025-11-09T14:32:00Z,7,7,7,7,1,7,1,1')
    expect(bars.every((bar) => bar.endsWith(',1'))).toBe(true)
  })

  it('says how it reads files, with their first trades, in a dry run', async () => {
    const file = fileOf('dry.csv', 'Ticker;TIME;Px;Qty;note', 'B;1760106720123;10.5;2;hi', 'B;x;1;1;')
    const { code, stdout } = await runCommand(['replay', file, '--dry-run'], {})
    expect(code).toBe(0)
    expect(stdout).toContain(
      `${file}: trades (CSV), times in milliseconds, symbol from Ticker, time from TIME, price from Px, volume from Qty, not used: note\n`,
    )
    expect(stdout).toContain('  B at 2025-10-10T14:32:00.123Z: 2 at 10.5\n')
    expect(stdout).toMatch(/^rows +2\nrejected +1 \(bad-timestamp 1\)\ntrades +1\n$/m)
  })

  it('writes the same bytes each time, revisions included, also where the machine is slowed down by load, and with --direct', async () => {
    const file = fileOf('late.csv', HEADER, ...rowsWithLateTrades())
    const quiet = await outputsOf(file, 'quiet')
    expect(await outputsOf(file, 'slowed', 'slowed down')).toEqual(quiet)
    expect(await outputsOf(file, 'again')).toEqual(quiet)
    expect(await outputsOf(file, 'direct', 'directly')).toEqual(quiet)
    const inOrder = fileOf('in-order.csv', HEADER, ...rowsWithLateTrades().toSorted(byTime))
    expect(await outputsOf(inOrder, 'in-order', 'directly')).toEqual(quiet)
    // The rows are sorted, so that none of them is late.
    expect(quiet.counted).toMatch(/^rows +2,700\nrejected +0\nduplicates +0\ntrades +2,700 in bars$/m)
    expect(quiet.bars).not.toMatch(/,2\n/)
    expect(quiet.signals).toMatch(/rsi/)
  })

  it('refuses with --direct what belongs to a stream', async () => {
    const file = fileOf('direct.csv', HEADER, 'A,1760106720,10,1')
    const { code, stderr } = await runCommand(['replay', file, '--direct', '--batch', '5'], {})
    expect(code).toBe(1)
    expect(stderr).toBe("error: option '--direct' cannot be used with option '--batch <ticks>'\n")
  })

  it('exits with 1, and leaves an earlier output, where --direct finds no trade', async () => {
    const file = fileOf('direct-rubbish.csv', HEADER, 'A,1760106720,x,1', 'A,1760106721,-1,1')
    const out = join(folder, 'direct-earlier.csv')
    writeFileSync(out, 'good\n')
    const rejects = join(folder, 'direct-rejects.csv')
    const given = ['replay', file, '--direct', '--out', out, '--rejects', rejects]
    const { code, stdout } = await runCommand(given, {})
    expect(code).toBe(1)
    expect(stdout).toMatch(/^rows +2\nrejected +2 \(bad-price 2\)\n/m)
    expect(readFileSync(out, 'utf8')).toBe('good\n')
    expect(readFileSync(rejects, 'utf8').trimEnd().split('\n')).toHaveLength(3)
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
        /^the disk is full \(.*bars\.csv is not written.*: ENOSPC.*\): free some space and run it again, from the beginning\n$/,
      )

      spawnSync('umount', [disk])
      mount('256k')
      const small = await runCommand(['replay', file], { TMPDIR: disk })
      expect(small.code).toBe(1)
      expect(small.stderr).toMatch(
        /^the disk is full \(.*\): free some space and run it again, from the beginning\n$/,
      )
      expect(readdirSync(disk)).toEqual([])

      spawnSync('umount', [disk])
      mount('400m')
      const filling = startCommand(['replay', longFile()], { TMPDIR: disk })
      await waitFor(() => filling.printed().includes('replaying'), 'a replay that goes on')
      spawnSync('dd', ['if=/dev/zero', `of=${join(disk, 'filler')}`, 'bs=1M'])
      const filled = await filling.ended
      expect(filled.code).toBe(1)
      expect(filled.stderr).toMatch(
        /^the disk is full \(.*\): free some space and run it again, from the beginning\n$/,
      )
      expect(filled.stdout).not.toContain('nothing has moved')
      expect(readdirSync(disk)).toEqual(['filler'])
    } finally {
      spawnSync('umount', [disk])
    }
  })
})

/** Enough that the replay goes on for a while: nearly every trade makes a bar. */
function longFile(): string {
  const file = join(folder, 'long.csv')
  const rows = Array.from(
    { length: 80_000 },
    (_, index) => `S${index % 50},${1_700_000_000 + 15 * index},10.5,1`,
  )
  writeFileSync(file, [HEADER, ...rows, ''].join('\n'))
  return file
}

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

function byTime(one: string, other: string): number {
  return Number(one.split(',')[1]) - Number(other.split(',')[1])
}

/** What a replay of a file writes and counts, without what depends on the clock. */
async function outputsOf(
  file: string,
  name: string,
  how: 'at full speed' | 'slowed down' | 'directly' = 'at full speed',
) {
  const path = (kind: string) => join(folder, `${name}-${kind}.csv`)
  const given = ['--out', path('bars'), '--signals', path('signals'), '--patterns', path('patterns')]
  const replay = startCommand(['replay', file, ...given, ...(how === 'directly' ? ['--direct'] : [])], {})
  const stopSlowing = how === 'slowed down' ? slowDown(replay) : () => {}
  const { code, stdout } = await replay.ended.finally(stopSlowing)
  expect(code).toBe(0)
  const [bars, signals, patterns] = ['bars', 'signals', 'patterns'].map((kind) =>
    readFileSync(path(kind), 'utf8'),
  )
  const counted = stdout
    .match(/^(rows|rejected|duplicates|trades|bars|indicators|patterns) +[\d,]+( in bars)?$/gm)
    ?.join('\n')
  return { bars, signals, patterns, counted }
}

const FROZEN_MS = 60
const THAWED_MS = 20

/** Lets a command run for a quarter of the time, as a machine that is busy with others would, whatever cores there are. */
function slowDown({ signal }: RunningCommand): () => void {
  let pulse: NodeJS.Timeout
  const freeze = (): void => {
    signal('SIGSTOP')
    pulse = setTimeout(thaw, FROZEN_MS)
  }
  const thaw = (): void => {
    signal('SIGCONT')
    pulse = setTimeout(freeze, THAWED_MS)
  }
  freeze()
  return () => clearTimeout(pulse)
}
