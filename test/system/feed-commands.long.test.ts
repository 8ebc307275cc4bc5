import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { type Deployment, startDeployment } from '../../bin/embedded/deployment.ts'
import { deployedFlags } from '../../bin/stage/flags.ts'
import { prepareData, temporaryFolder } from './support/data-folder.ts'
import { readRows, type Row } from './support/replay-into.ts'
import { runCommand, startCommand } from './support/run-command.ts'
import { freePair } from './support/start-in.ts'
import { waitFor } from './support/wait-for.ts'

const STREAM = 'tickstock-local-ticks'
const HEADER = 'symbol,timestamp,price,volume'
const T = 1_760_106_720

let data: string
let deployment: Deployment

beforeAll(async () => {
  data = temporaryFolder()
  deployment = await startDeployment({ data: await prepareData(join(data, 'data')), durability: 'none' })
})

afterAll(async () => {
  await deployment.stop()
  rmSync(data, { recursive: true, force: true })
})

const command = (...given: readonly string[]) => runCommand(given, deployment.runtime.environment)

function fileOf(name: string, ...lines: readonly string[]): string {
  const file = join(data, name)
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''))
  return file
}

/** Closes the open minutes with the command; all bars. */
async function flushed(): Promise<Row[]> {
  // A flush closes the minutes of what the aggregator has taken.
  await deployment.settle()
  const { code, stdout, stderr } = await command('flush')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(/^\d+ bars completed, \d+ revised\n$/)
  await deployment.settle()
  return await readRows(deployment.readOnlyUrl)
}

describe('npm run feed', () => {
  it('puts synthetic ticks until Ctrl-C, and says how many; with npm run flush all of them are in bars', async () => {
    const given = ['feed', '--source', 'synthetic', '--symbols', '3', '--interval', '0.02', '--seed', '7']
    const feed = startCommand(given, deployment.runtime.environment)
    await waitFor(() => /^[1-9]\d* ticks put$/m.test(feed.printed()), 'ticks')
    feed.interrupt()
    const { code, stdout, stderr } = await feed.ended
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^stopping; ticks that were read are put first \(Ctrl-C again: stop at once\)$/m)
    const ticks = Number(
      /^([\d,]+) ticks put on tickstock-local-ticks\n$/m.exec(stdout)?.[1]?.replaceAll(',', ''),
    )
    expect(ticks).toBeGreaterThan(3)
    const rows = await flushed()
    expect(new Set(rows.map(({ symbol }) => symbol)).size).toBe(3)
    expect(rows.reduce((sum, row) => sum + Number(row.trade_count), 0)).toBe(ticks)
  })

  it('replays files, shows rows that are none with their line, and why others are rejected, and knows the same files again', async () => {
    const first = fileOf(
      'first.csv',
      HEADER,
      `REPLAY,${T}.5,10.5,2`,
      `REPLAY,${T + 1}`,
      `REPLAY,${T + 2},abc,1`,
    )
    const second = fileOf('second.csv', HEADER, `REPLAY,${T + 59},10.25,1`, `REPLAY,${T + 60},11,1`)
    const { code, stdout, stderr } = await command('feed', '--source', 'replay', first, second)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(
      `${first}:3: wrong number of columns: 2, and the header has 4: REPLAY,${T + 1}\n`,
    )
    expect(stdout).toContain(`${first}:4: rejected: price "abc" is not a decimal number`)
    expect(stdout).toContain(`5 rows: 2 rejected, 0 left out, 0 duplicates\n3 ticks put on ${STREAM}\n`)
    const rows = (await flushed()).filter(({ symbol }) => symbol === 'REPLAY')
    expect(rows.map(({ open, close, volume, trade_count: trades }) => [open, close, volume, trades])).toEqual(
      [
        ['10.5', '10.25', '3', '2'],
        ['11', '11', '1', '1'],
      ],
    )

    // The same files again change nothing.
    expect(await command('feed', '--source', 'replay', first, second)).toMatchObject({ code: 0 })
    expect((await flushed()).filter(({ symbol }) => symbol === 'REPLAY')).toEqual(rows)
  })

  it('remembers as many files as one likes: all of them again change nothing', async () => {
    const files = Array.from({ length: 12 }, (_, index) =>
      fileOf(`twelve-${index}.csv`, HEADER, `TWELVE,${T + 5 * index},10,2.5`),
    )
    const rows = async () => (await flushed()).filter(({ symbol }) => symbol === 'TWELVE')
    expect(await command('feed', '--source', 'replay', ...files)).toMatchObject({ code: 0 })
    const once = await rows()
    expect(once.map(({ volume, trade_count: trades }) => [volume, trades])).toEqual([['30', '12']])
    // The records end at the same trades in either encoding.
    const json = ['feed', '--source', 'replay', '--encoding', 'json', ...files]
    expect(await command(...json)).toMatchObject({ code: 0 })
    expect(await rows()).toEqual(once)
  })

  it.each([
    [['--source', 'replay'], /^--source replay needs files: name the files to replay\n$/],
    [['--source', 'replay', 'none.csv'], /^none\.csv does not exist: check the path\.\n$/],
    [
      ['--source', 'synthetic', 'a.csv'],
      /^--source synthetic takes no files; a\.csv is one\. Did you mean --source replay\?\n$/,
    ],
    [['--source', 'replay', '--stream', 'nowhere', 'good.csv'], /^[^\n]*\bnowhere\b[^\n]*\n$/],
  ])('refuses %j in one line', async (given, message) => {
    const good = fileOf('good.csv', HEADER, `GOOD,${T},10,1`)
    const { code, stderr } = await command(
      'feed',
      ...given.map((each) => (each === 'good.csv' ? good : each)),
    )
    expect(code).toBe(1)
    expect(stderr).toMatch(message)
  })

  it('says that nothing answers and goes on trying; Ctrl-C twice ends it', async () => {
    const endpoint = `http://127.0.0.1:${await freePair()}`
    const file = fileOf('away.csv', HEADER, `AWAY,${T},10,1`)
    const feed = startCommand(['feed', '--source', 'replay', file], awayAt(endpoint))
    await waitFor(() => feed.printed().includes('trying again'), 'the trouble to be told')
    feed.interrupt()
    await waitFor(() => feed.printed().includes('stopping'), 'the first Ctrl-C')
    feed.interrupt()
    const { code, stdout, stderr } = await feed.ended
    expect({ code, stderr }).toEqual({ code: 130, stderr: '' })
    expect(stdout).toMatch(
      /^the stream tickstock-local-ticks accepts nothing \(.*ECONNREFUSED.*\); trying again$/m,
    )
  })
})

function awayAt(endpoint: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  }
}

describe('npm run flush', () => {
  it('says that nothing answers', async () => {
    const endpoint = `http://127.0.0.1:${await freePair()}`
    const { code, stdout, stderr } = await runCommand(['flush'], awayAt(endpoint))
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(
      /^nothing answers at http:\S+ \(.*ECONNREFUSED.*\); is the deployment running\? .*\n$/,
    )
    expect(stderr).toContain(endpoint)
  })

  it('says why the function refused', async () => {
    const { runtime } = deployment
    const turn = async (value: 'on' | 'off') => {
      await deployedFlags('local', runtime.environment).set('aggregation', value)
      await runtime.killFunction('tickstock-local-sweeper')
    }
    await turn('off')
    const { code, stdout, stderr } = await command('flush')
    await turn('on')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^tickstock-local-sweeper failed: .*npx tickstock flag aggregation on.*\n$/)
  })

  it('says that there is no such function', async () => {
    const { code, stderr } = await command('flush', '--function', 'nobody')
    expect(code).toBe(1)
    expect(stderr).toMatch(/^there is no function nobody at http:.*; is stage local deployed there\?\n$/)
  })
})

const loadSchema = z.object({
  isComplete: z.boolean(),
  isLagging: z.boolean(),
  rows: z.array(z.object({ name: z.string(), value: z.number().nullable(), unit: z.string() })),
})

describe('npm run load', () => {
  it('accounts for every tick, and prints nothing but JSON when asked to', async () => {
    const given = ['load', '--symbols', '2', '--rate', '4', '--seconds', '5', '--storm', '2', '--json']
    const { code, stdout, stderr } = await runCommand(given, {})
    const { isComplete, isLagging, rows } = loadSchema.parse(JSON.parse(stdout))
    const value = (name: string) => rows.find((row) => row.name === name)?.value
    expect([value('ticks put'), value('ticks in bars'), isComplete]).toEqual([40, 40, true])
    // How fast the machine is is not judged here.
    expect(code).toBe(isLagging ? 1 : 0)
    for (const part of ['aggregator', 'analytics', 'bar-writer', 'sweeper'])
      expect(value(`tickstock-local-${part} cpu`)).toBeGreaterThanOrEqual(0)
    expect(value('tickstock-local-aggregator memory')).toBeGreaterThan(1)
    expect(value('connections made')).toBeGreaterThan(0)
    expect(value('subscriptions answered')).toBeGreaterThan(0)
    expect(stderr).toMatch(/^load [\d,]+ ticks/m)
  })
})
