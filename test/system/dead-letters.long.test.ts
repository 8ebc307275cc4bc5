import { rmSync } from 'node:fs'

import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { type Deployment, startDeployment } from '../../bin/embedded/deployment.ts'
import { deployedFlags } from '../../bin/stage/flags.ts'
import { givenUpObject } from '../support/given-up.ts'
import { preparedData } from './support/data-folder.ts'
import { readRows } from './support/replay-into.ts'
import { runCommand } from './support/run-command.ts'

const T = 1_760_106_720
const client = { region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } }

let data: string
let deployment: Deployment

beforeAll(async () => {
  data = await preparedData()
  deployment = await startDeployment({ data, durability: 'none' })
})

afterAll(async () => {
  await deployment.stop()
  rmSync(data, { recursive: true, force: true })
})

const command = (...given: readonly string[]) =>
  runCommand(['dead-letters', ...given], deployment.runtime.environment)

const tick = (symbol: string, second: number) =>
  JSON.stringify({ symbol, price: '10', volume: '1', timestamp: T + second })

/** Puts records on the stream `ticks`; the shard that took the first. */
async function put(records: readonly (readonly [key: string, data: string])[]): Promise<string | undefined> {
  const { endpoint } = deployment.runtime
  const kinesis = new KinesisClient({ ...client, endpoint, requestHandler: new NodeHttpHandler() })
  const Records = records.map(([PartitionKey, text]) => ({ PartitionKey, Data: Buffer.from(text) }))
  const answer = await kinesis.send(new PutRecordsCommand({ StreamName: deployment.ticksStream, Records }))
  await deployment.settle()
  return answer.Records?.[0]?.ShardId
}

/** What an event source mapping writes when it gives up; `sequence` tells when it was put. */
async function giveUp(
  stream: string,
  sequence: string,
  records: readonly (readonly [string, string])[],
  shardId?: string,
) {
  const { key, body } = givenUpObject(
    stream,
    records.map(([partitionKey, text], index) => ({
      partitionKey,
      sequenceNumber: `${sequence}${index}`,
      data: Buffer.from(text),
      arrivedAt: (T + 60) * 1000,
    })),
    shardId,
  )
  const { endpoint, outputs } = deployment.runtime
  const s3 = new S3Client({ ...client, endpoint, forcePathStyle: true })
  await s3.send(new PutObjectCommand({ Bucket: outputs['DeadLetterBucket'], Key: key, Body: body }))
  return key
}

/** Minute, trades and revision of each bar of a symbol. */
async function barsOf(symbol: string) {
  await deployment.flush()
  const rows = (await readRows(deployment.readOnlyUrl)).filter((row) => row.symbol === symbol)
  return rows.map((row) => [
    (Date.parse(row.timestamp) / 1000 - T) / 60,
    Number(row.trade_count),
    Number(row.revision),
  ])
}

describe('npm run dead-letters', () => {
  it('has nothing to show or to redrive at first', async () => {
    expect(await command('list')).toEqual({ code: 0, stdout: 'no dead letters\n', stderr: '' })
    expect(await command('redrive')).toEqual({ code: 0, stdout: 'nothing put back\n', stderr: '' })
  })

  it('puts late ticks back that were refused while corrections were off, and their minutes are corrected', async () => {
    const flags = deployedFlags('local', deployment.runtime.environment)
    const turn = async (value: 'on' | 'off') => {
      await flags.set('late-corrections', value)
      await deployment.runtime.killFunction('tickstock-local-aggregator')
    }
    await turn('off')
    await put([0, 61, 30, 31, 62].map((second) => ['LATE', tick('LATE', second)]))
    await turn('on')
    const listed = await command('list')
    expect(listed.stdout).toMatch(
      /^arrived .*\n.*tickstock-local-ticks +[12] +LATE +corrections-off +rejected\//,
    )
    const key = /rejected\/\S+/.exec(listed.stdout)?.[0] ?? ''
    expect((await command('show', key)).stdout).toMatch(
      new RegExp(
        `^${key}\ncorrections-off: the trade is 31.000 s older .*\n  20.*Z  LATE  \\[${T + 30},"10","1"\\]\n`,
      ),
    )
    expect((await command('redrive')).stdout).toBe('tickstock-local-ticks: 2 records put back\n')
    expect(await barsOf('LATE')).toEqual([
      [0, 3, expect.any(Number)],
      [1, 2, 1],
    ])
    expect((await command('list')).stdout).toBe('no dead letters\n')
    expect((await command('redrive')).stdout).toBe('nothing put back\n')
  })

  it('puts a record back under its symbol that had another partition key', async () => {
    await put([['WRONG', tick('RIGHT', 5)]])
    expect((await command('list')).stdout).toMatch(/ WRONG +partition-key /)
    await command('redrive')
    expect(await barsOf('RIGHT')).toEqual([[0, 1, 1]])
  })

  it('leaves in the bucket what is refused again', async () => {
    await put([['BAD', 'no json']])
    expect((await command('redrive')).stdout).toBe('tickstock-local-ticks: 1 records put back\n')
    await deployment.settle()
    expect((await command('list')).stdout).toMatch(/^arrived .*\n.* BAD +not-json .*\n$/)
  })

  it('puts a batch back that was given up on; what may have been applied only when told to', async () => {
    const shard = await put([['SEEN', tick('SEEN', 0)]])
    await giveUp('tickstock-local-ticks', '5', [['UNSEEN', tick('UNSEEN', 1)]])
    const key = await giveUp('tickstock-local-ticks', '6', [['SEEN', tick('SEEN', 1)]], shard)
    const first = await command('redrive')
    expect(first).toMatchObject({ code: 1 })
    expect(first.stdout).toContain(`${key}: 1 records not redriven`)
    expect(await barsOf('UNSEEN')).toEqual([[0, 1, 1]])
    expect(await barsOf('SEEN')).toEqual([[0, 1, 1]])
    expect((await command('show', key)).stdout).toContain('RecordAgeExceeded')
    expect(await command('redrive', key, '--assume-unapplied')).toMatchObject({ code: 0 })
    expect(await barsOf('SEEN')).toEqual([[0, 2, 2]])
  })

  it('puts bars back, and those that are there change nothing', async () => {
    const bar = (revision: number, close: string) =>
      JSON.stringify({
        type: 'bar',
        symbol: 'BARS',
        timestamp: '2025-10-10T14:32:00Z',
        timeframe: '1Min',
        revision,
        open: '1',
        high: '9',
        low: '1',
        close,
        volume: '2',
        vwap: '1',
        trade_count: 2,
        closed_at: 0,
      })
    for (const sequence of ['7', '8']) {
      await giveUp('tickstock-local-bars', sequence, [
        ['BARS', bar(1, '2')],
        ['BARS', bar(2, '3')],
      ])
      expect((await command('redrive')).stdout).toContain('tickstock-local-bars: 2 records put back\n')
      await deployment.settle()
      const rows = (await readRows(deployment.readOnlyUrl)).filter(({ symbol }) => symbol === 'BARS')
      expect(rows).toMatchObject([{ close: '3', revision: '2' }])
    }
  })

  it.each([
    [['show', 'rejected/none'], /^rejected\/none: there is no such object\n$/],
    [['list', '--stage', 'dev'], /^there is no function tickstock-dev-aggregator at http/],
    [['show'], /missing required argument 'objects'/],
  ])('%j ends with one sentence', async (given, says) => {
    const { code, stderr } = await command(...given)
    expect(code).toBe(1)
    expect(stderr).toMatch(says)
  })
})
