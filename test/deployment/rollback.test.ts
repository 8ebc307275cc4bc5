import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'

import {
  CreateAliasCommand,
  CreateFunctionCommand,
  DeleteFunctionCommand,
  InvokeCommand,
  LambdaClient,
  PublishVersionCommand,
  UpdateFunctionCodeCommand,
  waitUntilFunctionActiveV2,
  waitUntilFunctionUpdatedV2,
} from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { concurrently } from '../../functions/shared/runtime/concurrently.ts'
import { installAwsCli } from './aws-cli.ts'
import { type Endpoint, openEndpoint } from './endpoint.ts'
import { pageCommands } from './page-commands.ts'
import { blocksOf } from './rollback-page.ts'

const FUNCTION = 'tickstock-drill-aggregator'
const NOT_UNDERSTOOD =
  /usage:|unknown options|validation failed|invalid choice|specify a region|syntax error/i
const AT_ONCE = 4
const WAIT = { maxWaitTime: 60, minDelay: 1 }
const run = promisify(execFile)

let endpoint: Endpoint
let lambda: LambdaClient
let python: string
let folder: string

beforeAll(async () => {
  endpoint = await openEndpoint()
  python = await installAwsCli()
  folder = mkdtempSync(join(tmpdir(), 'tickstock-drill-'))
  lambda = new LambdaClient(endpoint.clientOptions)
})

afterAll(async () => {
  await lambda.send(new DeleteFunctionCommand({ FunctionName: FUNCTION })).catch(() => undefined)
  await endpoint.stop()
  rmSync(folder, { recursive: true })
})

/** The commands of a section for the AWS command line, as they stand there. */
function commandsOf(section: string): string {
  return blocksOf(section)
    .filter((block) => block.includes('aws '))
    .join('\n')
}

/** Runs them in a shell, for a stage of that name. */
async function shell(commands: string): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const PATH = `${dirname(python)}${delimiter}${process.env['PATH'] ?? ''}`
  const AWS_DEFAULT_REGION = endpoint.environment['AWS_REGION']
  const environment = {
    ...process.env,
    ...endpoint.environment,
    AWS_DEFAULT_REGION,
    AWS_MAX_ATTEMPTS: '1',
    PATH,
    STAGE: 'drill',
  }
  return await run('bash', ['-c', commands], { env: environment }).catch((error: unknown) => {
    if (error instanceof Error && 'stderr' in error) return { stdout: '', stderr: String(error.stderr) }
    throw error
  })
}

/** The code of a function that answers with a word. */
async function codeThatSays(word: string): Promise<Buffer> {
  const file = join(folder, `${word}.zip`)
  const code = `export const handler = async () => '${word}'`
  const script = 'import sys, zipfile; zipfile.ZipFile(sys.argv[1], "w").writestr("index.mjs", sys.argv[2])'
  await run(python, ['-c', script, file, code])
  return readFileSync(file)
}

async function answerOfLive(): Promise<unknown> {
  const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: FUNCTION, Qualifier: 'live' }))
  return JSON.parse(Buffer.from(Payload ?? []).toString())
}

it('one function goes back to the version before by the commands of docs/rollback.md', async () => {
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: FUNCTION,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::000000000000:role/drill',
      Code: { ZipFile: await codeThatSays('good') },
      Publish: true,
    }),
  )
  await waitUntilFunctionActiveV2({ client: lambda, ...WAIT }, { FunctionName: FUNCTION })
  await lambda.send(
    new UpdateFunctionCodeCommand({ FunctionName: FUNCTION, ZipFile: await codeThatSays('bad') }),
  )
  await waitUntilFunctionUpdatedV2({ client: lambda, ...WAIT }, { FunctionName: FUNCTION })
  const { Version } = await lambda.send(new PublishVersionCommand({ FunctionName: FUNCTION }))
  await lambda.send(
    new CreateAliasCommand({ FunctionName: FUNCTION, Name: 'live', FunctionVersion: Version }),
  )
  expect(await answerOfLive()).toBe('bad')

  const { stdout, stderr } = await shell(`set -e\n${commandsOf('One function')}`)

  expect(stderr).toBe('')
  // The versions that there are, and the one that was live.
  expect(stdout).toMatch(/^1\s.*\n2\s.*\n2\n/m)
  expect(await answerOfLive()).toBe('good')
})

it('the AWS command line understands every command of docs/', async () => {
  const commands = pageCommands()
  expect(commands.length).toBeGreaterThan(30)
  const refused: string[] = []
  await concurrently(commands, AT_ONCE, async (command) => {
    const { stderr } = await shell(command)
    if (NOT_UNDERSTOOD.test(stderr)) refused.push(`${command}: ${stderr.trim().split('\n').at(-1)}`)
  })
  expect(refused).toEqual([])
})
