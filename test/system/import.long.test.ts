import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { type Deployment, startDeployment } from '../../bin/embedded/deployment.ts'
import { deployedFlags } from '../../bin/stage/flags.ts'
import { preparedData } from './support/data-folder.ts'
import { feedTicks } from './support/feed-history.ts'
import { readRows } from './support/replay-into.ts'
import { runCommand } from './support/run-command.ts'

/** 2025-10-10T10:00:00Z */
const T = 1_760_090_400

let data: string
let deployment: Deployment

beforeAll(async () => {
  data = await preparedData()
  deployment = await startDeployment({
    data,
    durability: 'none',
    // An import needs no WebSocket API.
    settings: { archiveWindowSeconds: 0, websocket: 'off', tickShards: 1 },
  })
})

afterAll(async () => {
  await deployment.stop()
  rmSync(data, { recursive: true, force: true })
})

/** Three trades of each minute (counted from T): at 10, 12 and 11, and the minute more. */
function rowsOf(from: number, to: number): string[] {
  const minutes = Array.from({ length: to - from }, (_, place) => from + place)
  return minutes.flatMap((minute) =>
    [10, 12, 11].map(
      (price, place) =>
        `AAPL,${T + 60 * minute + 20 * place},${minute + price},1,${3 * minute + place},venue`,
    ),
  )
}

function fileOf(name: string, rows: readonly string[]): string {
  const file = join(data, name)
  writeFileSync(file, ['symbol,timestamp,price,volume,id,line', ...rows, ''].join('\n'))
  return file
}

async function command(...given: readonly string[]) {
  const ended = await runCommand(given, deployment.runtime.environment)
  await deployment.settle()
  return ended
}

/** Bars of a symbol: minute (counted from T), open, high, low, close, trades and revision. */
async function barsOf(symbol: string): Promise<string[]> {
  return (await readRows(deployment.readOnlyUrl))
    .filter((row) => row.symbol === symbol)
    .map(({ timestamp, open, high, low, close, trade_count, revision }) =>
      [(Date.parse(timestamp) / 1000 - T) / 60, open, high, low, close, trade_count, revision].join(' '),
    )
}

describe('npx tickstock bars', () => {
  const fileOfSides = (symbol: string): string => {
    const file = join(data, `${symbol}.csv`)
    const rows = Array.from({ length: 40 }, (_, place) => {
      const side = place % 5 === 0 ? '' : (place * place) % 7 < 3 ? 'buy' : 'sell'
      return `${symbol},${T + 100 * place},${100 + (place % 9)},${1 + (place % 3)},${place},${side}`
    })
    writeFileSync(file, ['symbol,timestamp,price,volume,id,side', ...rows, ''].join('\n'))
    return file
  }
  const SPAN = ['--from', '2025-10-10T10:00', '--to', '2025-10-10T12:00']
  const barsOfArchive = (symbol: string) =>
    command('bars', '--symbols', symbol, '--kind', 'imbalance:volume:5', ...SPAN, '--stage', 'local')

  it('has the sides of trades that were fed or imported, as bars of their file have', async () => {
    for (const [symbol, ...how] of [
      ['FED', 'feed', '--source', 'replay'],
      ['IMPORTED', 'import'],
    ] as const) {
      const file = fileOfSides(symbol)
      expect((await command(...how, file, '--stage', 'local')).code).toBe(0)
      const out = join(data, 'bars-of-file.csv')
      const direct = ['replay', '--direct', file, '--bars', 'imbalance:volume:5', '--out', out]
      expect((await command(...direct)).code).toBe(0)
      const { code, stdout } = await barsOfArchive(symbol)
      expect({ code, stdout }).toEqual({ code: 0, stdout: readFileSync(out, 'utf8') })
      expect(stdout.split('\n').length).toBeGreaterThan(5)
    }
  })

  it('says so where no trade has a side', async () => {
    await command('feed', '--source', 'replay', '--no-sides', fileOfSides('SIDELESS'), '--stage', 'local')
    const { code, stdout, stderr } = await barsOfArchive('SIDELESS')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('no trade says who took the liquidity, which imbalance:volume:5 needs')
  })
})

describe('npx tickstock import', () => {
  it('adds what is missing between bars, and nothing when it comes again, overlaps or is edited', async () => {
    const live = fileOf('live.csv', [...rowsOf(0, 5), ...rowsOf(20, 25)])
    expect((await command('feed', '--source', 'replay', live, '--stage', 'local')).code).toBe(0)
    await deployment.flush()
    expect(await barsOf('AAPL')).toHaveLength(10)

    const whole = Array.from({ length: 25 }, (_, minute) => {
      const open = minute + 10
      return `${minute} ${open} ${open + 2} ${open} ${open + 1} 3 1`
    })
    const missing = await command(
      'import',
      fileOf('missing.csv', rowsOf(5, 20).toReversed()),
      '--stage',
      'local',
    )
    expect({ code: missing.code, stderr: missing.stderr }).toEqual({ code: 0, stderr: '' })
    expect(missing.stdout).toMatch(/^ +45 {2}rows\n +45 {2}added to the archive$/m)
    expect(missing.stdout).toMatch(/^ +15 {2}bars put\n/m)
    expect(await barsOf('AAPL')).toEqual(whole)

    const all = fileOf('all.csv', rowsOf(0, 25))
    const overlapping = await command('import', all, '--stage', 'local')
    expect(overlapping.stdout).toMatch(
      /^ +75 {2}rows\n +45 {2}imported before\n +30 {2}added to the archive$/m,
    )
    expect(overlapping.stdout).toMatch(/^ +0 {2}bars put\n +25 {2}bars as they were$/m)
    const again = await command('import', all, '--stage', 'local')
    expect(again.stdout).toMatch(/^ +75 {2}rows\n +75 {2}imported before\n +0 {2}added to the archive$/m)
    expect(await barsOf('AAPL')).toEqual(whole)

    const edited = fileOf('edited.csv', [
      ...rowsOf(0, 25).map((row) => row.replace(',24,1,', ',99,1,')),
      `AAPL,${T + 60 * 7 + 50},50,1,1000,venue`,
    ])
    const late = await command('import', edited, '--stage', 'local')
    expect(late.code).toBe(0)
    expect(late.stdout).toMatch(
      /^ +76 {2}rows\n +\d+ {2}imported before\n +\d {2}imported before with another price or volume, which stays\n +1 {2}added to the archive$/m,
    )
    expect((await barsOf('AAPL'))[7]).toBe('7 17 50 17 50 4 2')

    const span = ['--symbols', 'AAPL', '--from', '2025-10-10T10:00', '--to', '2025-10-10T10:02']
    const other = await command('bars', '--kind', 'tick:4', ...span, '--stage', 'local')
    expect({ code: other.code, bars: other.stdout.trim().split('\n').slice(1) }).toEqual({
      code: 0,
      bars: [
        'AAPL,2025-10-10T10:00:00Z,2025-10-10T10:01:00Z,10,12,10,11,4,44,11,4,,,true',
        'AAPL,2025-10-10T10:01:20Z,2025-10-10T10:01:40Z,13,13,12,12,2,25,12.5,2,,,false',
      ],
    })
  })

  it('of trades without ids takes equal ones of several files for the same, and of one file for several', async () => {
    const rows = [`XBTUSD,${T},10,1,,`, `XBTUSD,${T},10,1,,`, `XBTUSD,${T},11,1,,`]
    await command('import', fileOf('one.csv', rows.slice(1)), '--stage', 'local')
    expect(await barsOf('XBTUSD')).toEqual(['0 10 11 10 11 2 1'])
    const { stdout } = await command('import', fileOf('two.csv', rows), '--stage', 'local')
    expect(stdout).toMatch(/^ +3 {2}rows\n +2 {2}imported before\n +1 {2}added to the archive$/m)
    expect(await barsOf('XBTUSD')).toMatchObject([expect.stringMatching(/^0 10 11 10 \d+ 3 2$/)])
  })

  it('--bars puts bars of minutes without trades, and never in the place of bars of trades', async () => {
    const kline = (minute: number, price: number): string =>
      `${(T + 60 * minute) * 1000},${price},${price + 2},${price},${price + 1},2,${(T + 60 * minute + 60) * 1000 - 1},${2 * price + 2},7,1,${price},0`
    const file = join(data, 'BNBUSDT-1m-2025-10-10.csv')
    const bars = [0, 1, 2].map((minute) => kline(minute, 20 + minute))
    writeFileSync(file, `${bars.join('\n')}\n`)
    const trades = (minute: number, price: number): string => `BNBUSDT,${T + 60 * minute + 1},${price},1,,`
    // Trades of the minute 1 come first, of the minute 2 later.
    await command('import', fileOf('first.csv', [trades(1, 99)]), '--stage', 'local')
    const first = await command('import', '--bars', file, '--stage', 'local')
    expect({ code: first.code, stderr: first.stderr }).toEqual({ code: 0, stderr: '' })
    expect(first.stdout).toMatch(
      /^ +3 {2}rows\n +1 {2}left out: their minute has a bar of trades\n +2 {2}bars put$/m,
    )
    expect(await barsOf('BNBUSDT')).toEqual(['0 20 22 20 21 7 0', '1 99 99 99 99 1 1', '2 22 24 22 23 7 0'])

    const again = await command('import', '--bars', file, '--stage', 'local')
    expect(again.stdout).toMatch(
      /^ +3 {2}rows\n +2 {2}imported before\n +1 {2}left out: .* bar of trades\n +0 {2}bars put$/m,
    )
    writeFileSync(file, `${[kline(0, 30), kline(3, 23), kline(3, 24)].join('\n')}\n`)
    const edited = await command('import', '--bars', file, '--stage', 'local')
    expect(edited.stdout).toMatch(
      /^ +3 {2}rows\n +1 {2}left out: a row before is of the same minute\n +1 {2}imported before with other values, which stay\n +1 {2}bars put$/m,
    )
    await command('import', fileOf('later.csv', [trades(2, 98)]), '--stage', 'local')
    expect(await barsOf('BNBUSDT')).toEqual([
      '0 20 22 20 21 7 0',
      '1 99 99 99 99 1 1',
      '2 98 98 98 98 1 1',
      '3 23 25 23 24 7 0',
    ])

    const { url, key } = deployment.api
    const answer = await fetch(`${url}/v1/bars/BNBUSDT?start=2025-10-10T10:00:00Z&end=2025-10-10T10:04:00Z`, {
      headers: { 'x-api-key': key },
    })
    expect(await answer.json()).toMatchObject({
      bars: [
        { rev: 0, n: 7, source: 'binance' },
        { rev: 1, n: 1 },
        { rev: 1, n: 1 },
        { rev: 0, source: 'binance' },
      ],
    })
    // A rebuild leaves imported bars as they are.
    const rebuilt = await command(
      'rebuild',
      '--symbols',
      'BNBUSDT',
      '--from',
      '2025-10-10',
      '--to',
      '2025-10-11',
      '--stage',
      'local',
    )
    expect(rebuilt.stdout).toMatch(/^ +0 {2}bars put\n/m)
  })

  it('--bars refuses a file of trades, and without it one of bars is refused', async () => {
    const ofTrades = await command('import', '--bars', fileOf('t.csv', [`A,${T},1,1,,`]), '--stage', 'local')
    expect(ofTrades.code).not.toBe(0)
    expect(ofTrades.stderr).toContain('t.csv is a CSV file of trades, not of bars: leave --bars out.')
    const bars = join(data, 'b.csv')
    writeFileSync(bars, `symbol,time,open,high,low,close,volume\nA,${T},1,1,1,1,1\n`)
    const ofBars = await command('import', bars, '--stage', 'local')
    expect(ofBars.code).not.toBe(0)
    expect(ofBars.stderr).toContain(
      'b.csv is a CSV file of bars, not of trades: tickstock import --bars reads those.',
    )
  })

  it('exits with 1 when no row is a trade', async () => {
    const { code, stdout } = await command('import', fileOf('bad.csv', ['A,x,1,1,,']), '--stage', 'local')
    expect(code).toBe(1)
    expect(stdout).toMatch(/bad\.csv:2: rejected: timestamp "x"/)
  })
})

it('with websocket off there is no broadcaster and no flag for it, and bars come as ever', async () => {
  expect(deployment.webSocketUrl).toBeUndefined()
  expect(Object.keys(await deployment.runtime.functions()).join(' ')).not.toContain('broadcaster')
  expect([...(await deployedFlags('local', deployment.runtime.environment).list()).keys()]).toEqual([
    'aggregation',
    'late-corrections',
    'archive',
    'analytics',
  ])
  await feedTicks(
    deployment,
    [0, 30, 61].map((second) => ({
      symbol: 'LIVE',
      price: '100.5',
      volume: '2',
      timestamp: String(1_760_106_720 + second),
    })),
  )
  const rows = (await readRows(deployment.readOnlyUrl)).filter(({ symbol }) => symbol === 'LIVE')
  expect(rows.map(({ trade_count: trades }) => Number(trades))).toEqual([2, 1])
})
