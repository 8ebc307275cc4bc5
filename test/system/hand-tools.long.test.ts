import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { type AssembledFunction, assembledFunctions } from '../../bin/embedded/assembled-functions.ts'
import { deployedEnvironment } from '../../bin/stage/deployed-function.ts'
import { type Deployment, startDeployment } from '../../bin/embedded/deployment.ts'
import { invokeLocally } from '../../bin/embedded/invoke-locally.ts'
import { synthesize } from '../../bin/embedded/synthesize.ts'
import { preparedData } from './support/data-folder.ts'
import { runCommand } from './support/run-command.ts'

const SAMPLES = 'localstack/events'
const statisticsSchema = z.object({
  statistics: z.array(z.looseObject({ service: z.string(), name: z.string(), sum: z.number() })),
})

let data: string
let deployment: Deployment
let functions: readonly AssembledFunction[]

beforeAll(async () => {
  data = await preparedData()
  deployment = await startDeployment({ data, durability: 'none' })
  functions = assembledFunctions(await synthesize())
})

afterAll(async () => {
  await deployment.stop()
  rmSync(data, { recursive: true, force: true })
})

const command = (...given: readonly string[]) => runCommand(given, deployment.runtime.environment)

describe('npm run invoke', () => {
  it('has a sample event for every function, and no other', () => {
    const parts = functions.map(({ part }) => `${part}.json`).toSorted()
    expect(readdirSync(SAMPLES).toSorted()).toEqual(parts)
    expect(parts.length).toBeGreaterThan(3)
  })

  it('runs every function with its sample against the stores of a deployment', async () => {
    const { environment } = deployment.runtime
    for (const assembled of functions) {
      const event: unknown = JSON.parse(readFileSync(join(SAMPLES, `${assembled.part}.json`), 'utf8'))
      const declared = await deployedEnvironment(assembled.part, { stage: 'local', environment })
      const { result } = await invokeLocally(assembled, event, { ...environment, ...declared })
      expect({ part: assembled.part, ...result }).toMatchObject({ type: 'success' })
    }
  })

  it('prints result, metrics and logs apart, and fails when the function does', async () => {
    const good = await command('invoke', 'sweeper', '--stage', 'local')
    expect(good).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^result: success\n{ completed: \d+/),
    })
    expect(good.stdout).toMatch(/\nmetrics:\nservice .*\nsweeper +BarsCompleted +Count/)
    expect(good.stdout).toMatch(/\nlogs: none\n$/)
    const bad = await command('invoke', 'sweeper', 'package.json', '--stage', 'local')
    expect(bad).toMatchObject({ code: 1, stdout: expect.stringMatching(/^result: error\nZodError/) })
  })

  it('has stores of its own where no stage is named', async () => {
    const { code, stdout } = await runCommand(['invoke', 'aggregator'], {})
    expect(code).toBe(0)
    expect(stdout).toMatch(/\naggregator +TicksProcessed +Count +1 +3 +3 /)
    expect(stdout).toMatch(/\naggregator +TicksRejected +Count +1 +1 +1 /)
  })

  it.each([
    [['nothing'], /there is no function nothing; there are .*aggregator/],
    [['sweeper', 'README.md'], /the event README.md cannot be read: .*JSON/],
    [
      ['sweeper', '--stage', 'prod'],
      /no function tickstock-prod-sweeper at http.*is stage prod deployed there/,
    ],
  ])('%j ends with one sentence', async (given, says) => {
    const { code, stderr } = await command('invoke', ...given)
    expect(code).toBe(1)
    expect(stderr.trim()).toMatch(says)
  })
})

describe('npm run metrics', () => {
  it('shows the statistics of what the functions of the deployment printed', async () => {
    const event: unknown = JSON.parse(readFileSync(join(SAMPLES, 'aggregator.json'), 'utf8'))
    const before = await readStatistics()
    for (let time = 0; time < 2; time++) await deployment.runtime.invoke('tickstock-local-aggregator', event)
    const after = await readStatistics()
    // Whoever came first applied the ticks; the others know them.
    expect(after('TicksProcessed') + after('TicksDuplicate')).toBe(
      before('TicksProcessed') + before('TicksDuplicate') + 6,
    )
    const { stdout } = await command('metrics', '--once')
    expect(stdout).toMatch(/^last 5 min\n\nservice .*\naggregator +BarsCompleted +Count/)
  })

  it('says where it found none', async () => {
    const { code, stderr } = await command('metrics', '--once', '--stage', 'dev')
    expect(code).toBe(1)
    expect(stderr).toMatch(/stage dev printed no metrics in the last 5 min at http/)
  })
})

/** The sum of an aggregator's metric, as `npm run metrics` tells it. */
async function readStatistics(): Promise<(name: string) => number> {
  const { code, stdout } = await command('metrics', '--once', '--json')
  const { statistics } = code === 0 ? statisticsSchema.parse(JSON.parse(stdout)) : { statistics: [] }
  return (name) => statistics.find((each) => each.service === 'aggregator' && each.name === name)?.sum ?? 0
}

describe('npm run flag', () => {
  it('lists the flags, turns one, and tells what it was', async () => {
    expect((await command('flag')).stdout).toBe(
      'aggregation      on\nlate-corrections on\narchive          on\nanalytics        on\nbroadcast        on\nlive-ticks       on\n',
    )
    expect((await command('flag', 'broadcast', 'off')).stdout).toMatch(/^broadcast is off \(it was on\)/)
    expect((await command('flag', 'broadcast')).stdout).toBe('broadcast        off\n')
  })

  it.each([
    [['speed'], /Give one of: aggregation, late-corrections, archive, analytics, broadcast, live-ticks/],
    [['aggregation', 'maybe'], /Give one of: on, off/],
    [
      ['--stage', 'dev'],
      /no feature flags below \/tickstock\/dev\/flags at http.*is stage dev deployed there/,
    ],
  ])('%j ends with one sentence', async (given, says) => {
    const { code, stderr } = await command('flag', ...given)
    expect(code).toBe(1)
    expect(stderr).toMatch(says)
  })
})

describe('a command without a deployment', () => {
  it('reports that nothing answers, that nothing runs here, or that no account is set', async () => {
    const nobody = await runCommand(['flag'], { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' })
    expect(nobody.stderr).toMatch(/^nothing answers at http:\/\/127.0.0.1:1 .* is the deployment running\?/)
    const folder = join(data, 'nobody')
    const nowhere = await runCommand(['flag', '--data', folder], {})
    expect(nowhere).toMatchObject({
      code: 1,
      stderr: `no TickStock runs with the data folder ${folder}: start one with npm start, or name another deployment with --data FOLDER, --endpoint URL or --stage STAGE\n`,
    })
    const noAccount = await runCommand(['flag', '--stage', 'prod'], {})
    expect(noAccount.stderr).toMatch(/^Region is missing: set AWS_REGION and the credentials/)
  })
})
