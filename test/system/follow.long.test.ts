import { KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis'
import { rmSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { type Deployment, startDeployment } from '../../bin/embedded/deployment.ts'
import { clientOptions } from '../../bin/stage/client-options.ts'
import { eventually } from '../support/eventually.ts'
import { preparedData } from './support/data-folder.ts'
import { runCommand, startCommand } from './support/run-command.ts'

let data: string
let deployment: Deployment
let kinesis: KinesisClient

beforeAll(async () => {
  data = await preparedData()
  deployment = await startDeployment({
    data,
    durability: 'none',
    settings: { archiveWindowSeconds: 0, websocket: 'off', tickShards: 2 },
  })
  kinesis = new KinesisClient(clientOptions('KINESIS', deployment.runtime.environment))
})

afterAll(async () => {
  kinesis.destroy()
  await deployment.stop()
  rmSync(data, { recursive: true, force: true })
})

let id = 0

/** Puts trades of now, each twice, as two feeds do. */
async function trade(count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    const said = {
      symbol: 'LIVE',
      timestamp: Date.now() / 1000,
      price: 100 + (id % 7),
      volume: 1 + (id % 3),
      id,
      line: 'venue',
      side: id % 2 === 0 ? 'buy' : 'sell',
    }
    id++
    for (const source of ['one', 'other'])
      await kinesis.send(
        new PutRecordCommand({
          StreamName: 'tickstock-local-ticks',
          PartitionKey: 'LIVE',
          Data: Buffer.from(JSON.stringify({ ...said, source, sequence: id })),
        }),
      )
    await delay(20)
  }
}

const bars = (...given: readonly string[]) =>
  ['bars', '--symbols', 'LIVE', '--kind', 'tick:5', '--stage', 'local', ...given] as const

/** The rows of closed bars. */
const closedOf = (csv: string): string[] => csv.split('\n').filter((line) => line.endsWith(',true'))

describe('npx tickstock bars --follow', () => {
  it('goes on from the archive with the trades that come, and prints the bars that the archive has then', async () => {
    const from = new Date(Date.now() - 60_000).toISOString().slice(0, 16)
    await trade(42)
    await deployment.settle()
    const following = startCommand(bars('--follow', '--from', from), deployment.runtime.environment)
    await eventually('the first bars', () => closedOf(following.printed()).length === 8, { seconds: 60 })
    await trade(60)
    await eventually('the live bars', () => closedOf(following.printed()).length === 20, { seconds: 60 })
    following.interrupt()
    const { code, stdout, stderr } = await following.ended
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining('following LIVE until Ctrl-C'),
    })
    expect(stderr).not.toMatch(/late|behind|cannot be read/)
    await deployment.settle()
    const archived = await runCommand(bars('--from', from), deployment.runtime.environment)
    expect(archived.code).toBe(0)
    expect(stdout).toBe(archived.stdout)
  })

  it('begins now where no time is given', async () => {
    const following = startCommand(
      bars('--follow', '--delay', '0.5', '--format', 'ndjson'),
      deployment.runtime.environment,
    )
    await eventually('the start', () => following.printed().includes('following LIVE'), { seconds: 60 })
    await trade(12)
    await eventually('a bar', () => following.printed().includes('"trade_count":5'), { seconds: 60 })
    following.interrupt()
    const { code, stdout } = await following.ended
    const rows: { trade_count: number }[] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect({ code, count: rows[0]?.trade_count }).toEqual({ code: 0, count: 5 })
  })

  it.each([
    [['--delay', '3', '--from', '2025-11-10'], '--delay is of --follow'],
    [[], '--from is missing'],
    [['--follow', '--out', 'x.csv'], '--follow prints bars as they close'],
    [['--follow', '--format', 'parquet'], '--follow prints bars as they close'],
    [['--follow', '--from', '2025-11-10', '--to', '2025-11-11'], '--to is not after now and --from'],
  ])('refuses %j', async (given, said) => {
    const { code, stderr } = await runCommand(bars(...given), deployment.runtime.environment)
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(said) })
  })
})
