import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
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

import { installPythonPackage } from '../../bin/local/python-package.ts'
import { type Endpoint, openEndpoint } from './endpoint.ts'

const AWS_CLI = {
  version: '1.46.3',
  home: fileURLToPath(new URL('../../.emulators/aws-cli', import.meta.url)),
}
const FUNCTION = 'tickstock-drill-aggregator'
const WAIT = { maxWaitTime: 60, minDelay: 1 }
const page = readFileSync(new URL('../../docs/rollback.md', import.meta.url), 'utf8')
const run = promisify(execFile)

let endpoint: Endpoint
let lambda: LambdaClient
let python: string
let folder: string

beforeAll(async () => {
  endpoint = await openEndpoint()
  python = await installPythonPackage('awscli', AWS_CLI)
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
  const [, text = ''] = page.split(`\n## ${section}\n`)
  const [own = ''] = text.split('\n## ')
  const blocks = [...own.matchAll(/^```\n(.*?)^```/gms)].map(([, block = '']) => block)
  return blocks.filter((block) => block.includes('aws ')).join('\n')
}

/** Each command alone: what one takes from another is filled in. */
function singleCommands(commands: string): string[] {
  const lines = commands.replaceAll(/\\\n\s*/g, ' ')
  const inner = [...lines.matchAll(/\$\((aws [^)]*)\)/g)].map(([, command = '']) => command)
  const outer = lines.replaceAll(/\$\(aws [^)]*\)|\$ID/g, 'd-0A1B2C3D4').split('\n')
  return [...inner, ...outer].filter((line) => line.startsWith('aws '))
}

/** Runs them in a shell, for a stage of that name. */
async function shell(commands: string): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const PATH = `${dirname(python)}${delimiter}${process.env['PATH'] ?? ''}`
  const AWS_DEFAULT_REGION = endpoint.environment['AWS_REGION']
  const environment = { ...process.env, ...endpoint.environment, AWS_DEFAULT_REGION, PATH, STAGE: 'drill' }
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

  const { stdout, stderr } = await shell(`set -e\n${commandsOf('One function, after a deployment')}`)

  expect(stderr).toBe('')
  // The versions that there are, and the one that was live.
  expect(stdout).toMatch(/^1\s.*\n2\s.*\n2\n/m)
  expect(await answerOfLive()).toBe('good')
})

it.each([
  { section: 'During a deployment to prod', count: 2 },
  { section: 'Data', count: 6 },
])('the AWS command line understands every command under "$section"', async ({ section, count }) => {
  const commands = singleCommands(commandsOf(section))
  expect(commands).toHaveLength(count)
  // What waits would wait long.
  for (const command of commands.filter((each) => !each.startsWith('aws rds wait'))) {
    const { stderr } = await shell(command)
    expect(stderr).not.toMatch(/usage:|unknown options|validation failed|invalid choice|specify a region/i)
  }
})
