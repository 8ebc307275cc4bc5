import { afterAll, beforeAll, expect, it, type TestContext } from 'vitest'
import { z } from 'zod'

import { deployedFlags } from '../../bin/local/flags.ts'
import { replayFile } from '../../bin/local/replay-source.ts'
import { FLAG_AGE_SECONDS } from '../../functions/shared/feature-flags.ts'
import { kinesisPort } from '../../feed/kinesis-client.ts'
import { eventually } from '../../test/localstack/embedded/helpers.ts'
import { expectPublishedBars } from '../../test/support/published-bars.ts'
import { readTrades, tradesPath } from '../../test/support/trades.ts'
import type { Row } from '../../test/system/support/replay-into.ts'
import { runCommand } from '../../test/system/support/run-command.ts'
import type { Feature } from './endpoint.ts'
import { inventory } from './inventory.ts'
import { STACK, System } from './system.ts'
import { whileFailing } from './while-failing.ts'

const AGGREGATOR = 'tickstock-local-aggregator'
const SET = 'kraken-xbtusdt-20251110'
/** Two firings of a schedule of one minute, and the work after them. */
const PATIENCE = { seconds: 150, everyMs: 250 }

const barsSchema = z.object({ bars: z.array(z.object({ t: z.string(), c: z.string(), v: z.string() })) })
const indicatorsSchema = z.object({ indicators: z.array(z.unknown()) })

let system: System

beforeAll(async () => {
  system = await System.open()
  const { name, url } = system.endpoint
  process.stdout.write(`stage local at ${name}, ${url}\n`)
  // What is not ours must not be destroyed.
  const [found] = await inventory(system)
  if (found !== undefined)
    throw new Error(
      `there is a stage local at ${url} already (${found.kind} ${found.name}); destroy it first`,
    )
})

afterAll(() => system.close())

const tick = (symbol: string, price: number, timestamp: number): string =>
  JSON.stringify({ symbol, price, volume: 1, timestamp })

/** Leaves a check out, and says so, where the endpoint cannot pass it. */
const needs = (feature: Feature, { skip }: TestContext): void => {
  const { name, lacks } = system.endpoint
  skip(lacks[feature] !== undefined, `not supported by ${name}: ${feature}; ${lacks[feature]}`)
}

/** A symbol's bars, as soon as there are so many. */
const barsOf = (symbol: string, count: number): Promise<Row[]> =>
  eventually(
    `${count} bars of ${symbol}`,
    async () => {
      const bars = await system.bars(symbol)
      return bars.length >= count ? bars : undefined
    },
    PATIENCE,
  )

const minutesAgo = (minutes: number): number => (Math.floor(Date.now() / 60_000) - minutes) * 60

it('is refused in one sentence by an account that is not bootstrapped', async ({ skip }) => {
  skip(await system.isBootstrapped(), 'the endpoint is bootstrapped already')
  await expect(system.cdk('deploy', '--require-approval', 'never')).rejects.toThrow(
    "Has the environment been bootstrapped? Please run 'cdk bootstrap'",
  )
})

it('is not deployed when the database cannot be migrated', async (context) => {
  needs('custom resources', context)
  await expect(system.deploy({ DatabasePort: '1' })).rejects.toThrow(/Custom::Migrated .*ECONNREFUSED/s)
})

it('is deployed by plain cdk bootstrap and cdk deploy', async () => {
  await system.deploy()
  const kinds = new Set((await inventory(system)).map(({ kind }) => kind))
  expect([...kinds]).toEqual([
    'stack',
    'stream',
    'table',
    'bucket',
    'function',
    'mapping',
    'log group',
    'secret',
    'rule',
    'role',
    'API',
    'API key',
    'usage plan',
    'parameter',
  ])
})

it('turns recorded trades into the bars that the venue published', async () => {
  await replayFile(tradesPath(SET), {
    kinesis: kinesisPort(system.kinesis),
    stream: system.deployed.TicksStream,
    ticksPerRecord: 20,
    onBadRow: () => {},
    onProgress: () => {},
  })
  const minutes = new Set(readTrades(SET).map(({ timestamp }) => Math.floor(Number(timestamp) / 60)))
  const rows = await barsOf('XBTUSDT', minutes.size)
  expect(rows).toHaveLength(minutes.size)
  expectPublishedBars(SET, rows)
})

it('shows bars and indicators through the REST API, to who has its key', async () => {
  const rows = await system.bars('XBTUSDT')
  const span = `start=${rows[0]?.timestamp}&end=${rows.at(-1)?.timestamp}&limit=1000`
  const key = { 'x-api-key': await system.apiKey() }
  expect((await system.get(`/v1/bars/XBTUSDT?${span}`)).status).toBe(401)
  const answer = await (await system.get(`/v1/bars/XBTUSDT?${span}&numbers=string`, key)).json()
  const { bars } = barsSchema.parse(answer)
  expect(bars.map(({ t, c, v }) => [t, c, v])).toEqual(
    rows.map(({ timestamp, close, volume }) => [timestamp, close, volume]),
  )
  await eventually(
    'indicators of each minute',
    async () => {
      const found = await system.get(`/v1/indicators/XBTUSDT?form=wide&${span}`, key)
      return indicatorsSchema.parse(await found.json()).indicators.length === rows.length
    },
    PATIENCE,
  )
})

it('closes a quiet minute by its schedule, without another tick', async () => {
  await system.put('QUIET', tick('QUIET', 7, minutesAgo(3)))
  const [bar] = await barsOf('QUIET', 1)
  expect(bar).toMatchObject({ open: '7', trade_count: '1' })
})

it('rejects a poison record into the dead-letter bucket, and its neighbours become a bar', async () => {
  const minute = minutesAgo(5)
  const poison = '{"symbol":"POISON","price":'
  await system.put(
    'POISON',
    tick('POISON', 1, minute),
    poison,
    tick('POISON', 3, minute + 1),
    tick('POISON', 4, minute + 60),
  )
  const [bar] = await barsOf('POISON', 1)
  expect(bar).toMatchObject({ open: '1', close: '3', trade_count: '2', revision: '1' })
  const rejected = await system.deadLetters(`rejected/${system.deployed.TicksStream}/`)
  expect(rejected.map((line): unknown => JSON.parse(line))).toEqual([
    expect.objectContaining({ reason: 'not-json', payload: poison }),
  ])
})

it('leaves ticks on the stream while the aggregation is off, and loses none', async (context) => {
  needs('partial batch responses', context)
  const flags = deployedFlags('local', system.endpoint.environment)
  const minute = minutesAgo(5)
  await flags.set('aggregation', 'off')
  try {
    const heard = Date.now() + (FLAG_AGE_SECONDS + 1) * 1000
    await eventually('every instance of the function to read the flag again', () => Date.now() > heard)
    const put = Date.now()
    await system.put('WAITING', tick('WAITING', 1, minute), tick('WAITING', 2, minute + 60))
    const repeated = async (): Promise<boolean> => (await system.invocations(AGGREGATOR, put)) > 2
    await eventually('the ticks to be delivered several times', repeated, PATIENCE)
    expect(await system.bars('WAITING')).toEqual([])
  } finally {
    await flags.set('aggregation', 'on')
  }
  expect((await barsOf('WAITING', 1))[0]).toMatchObject({ open: '1', trade_count: '1', revision: '1' })
})

it('puts the payload of a batch that keeps failing into the dead-letter bucket after its retries', async (context) => {
  needs('bounded retries', context)
  const failing = tick('FAILING', 1, minutesAgo(5))
  const aggregator = { name: AGGREGATOR, variable: 'LATENESS_SECONDS', retries: 2 }
  await whileFailing(system.lambda, aggregator, async () => {
    await system.put('FAILING', failing)
    const [given] = await eventually(
      'the payload of the failing batch',
      async () => {
        const objects = await system.deadLetters('aws/lambda/')
        const withTick = objects.filter((text) => text.includes(Buffer.from(failing).toString('base64')))
        return withTick.length > 0 ? withTick : undefined
      },
      PATIENCE,
    )
    expect(JSON.parse(given ?? '')).toMatchObject({
      requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 3 },
    })
  })
})

it('is operated by the commands that are used by hand', async () => {
  const command = async (...given: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await runCommand(given, system.endpoint.environment)
    expect({ given, code, stderr }).toEqual({ given, code: 0, stderr: '' })
    return stdout
  }
  expect(await command('flag')).toMatch(/^aggregation +on\n/)
  expect(await command('invoke', 'sweeper', '--stage', 'local')).toMatch(/^result: success\n/)
  expect(await command('metrics', '--once')).toMatch(/\naggregator +TicksProcessed +Count /)
  const [, rejected = ''] = / POISON +not-json +(\S+)\n/.exec(await command('dead-letters', 'list')) ?? []
  expect(await command('dead-letters', 'show', rejected)).toContain('{"symbol":"POISON","price":')
  expect(await command('dead-letters', 'redrive', rejected)).toBe(
    'tickstock-local-ticks: 1 records put back\n',
  )
  await eventually(
    'what is no JSON to be refused again',
    async () => {
      const listed = await command('dead-letters', 'list')
      return listed.includes(' not-json ') && !listed.includes(rejected)
    },
    PATIENCE,
  )
})

it('is not changed by deploying it again, and goes on working', async () => {
  // By a change set, diff would take the defaults of the parameters for what was given.
  const difference = await system.cdk('diff', '--fail', '--method', 'template')
  expect(difference).toContain('Number of stacks with differences: 0')
  expect(await system.cdk('deploy', '--require-approval', 'never')).toContain(`${STACK} (no changes)`)
  const minute = minutesAgo(5)
  await system.put('AFTER', tick('AFTER', 1, minute), tick('AFTER', 2, minute + 60))
  expect((await barsOf('AFTER', 1))[0]).toMatchObject({ open: '1', revision: '1' })
})

it('leaves nothing behind when it is destroyed', async () => {
  await system.destroy()
  expect(await inventory(system)).toEqual([])
})
