import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { type Deployment, startDeployment } from '../../bin/embedded/deployment.ts'
import { installAwsCli } from '../deployment/aws-cli.ts'
import { blockOf, readPage, ROOT } from '../docs/page.ts'
import { hasPython } from '../support/python-package.ts'
import { prepareData, temporaryFolder } from './support/data-folder.ts'
import { readRows } from './support/replay-into.ts'

const page = readPage('docs/write-a-feed.md')
const NOW = Math.floor(Date.now() / 60_000) * 60 - 120

let folder: string
let deployment: Deployment
let environment: Record<string, string>
let python: string

beforeAll(async () => {
  folder = temporaryFolder()
  const tools = hasPython ? installAwsCli() : ''
  deployment = await startDeployment({ data: await prepareData(join(folder, 'data')), durability: 'none' })
  python = await tools
  environment = Object.fromEntries(
    [...blockOf(page, 'Connect', 'sh').matchAll(/(AWS_\w+)=(\S+)/g)].map(([, name = '', value = '']) => [
      name,
      value,
    ]),
  )
  environment['AWS_ENDPOINT_URL'] = deployment.runtime.endpoint
  mkdirSync(join(folder, 'feed'))
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'feed', 'node_modules'))
})

afterAll(async () => {
  await deployment.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** Runs a program with the page's environment and gives it some text. */
async function run(command: string, given: readonly string[], input = ''): Promise<void> {
  const { HOME = '', PATH = '' } = process.env
  const child = spawn(command, given, {
    cwd: join(folder, 'feed'),
    env: { HOME, PATH: `${dirname(python)}:${PATH}`, ...environment },
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  child.stdin.end(input)
  await once(child, 'close')
  expect({ code: child.exitCode, errors }).toEqual({ code: 0, errors: '' })
}

/** A feed of the page, written to a file. */
function feedIn(heading: string, language: string, name: string): string {
  const file = join(folder, 'feed', name)
  writeFileSync(file, blockOf(page, heading, language))
  return file
}

/** Three trades in each of two minutes, with digits that binary floating point does not have. */
const tradesOf = (symbol: string): string =>
  [0, 60]
    .flatMap((minute) =>
      ['100.00000001', '100.30000000', '99.90000001'].map(
        (price, index) => `${symbol},${NOW + minute + index}.5,${price},0.1\n`,
      ),
    )
    .join('')

async function barsOf(symbol: string) {
  await deployment.flush()
  return (await readRows(deployment.readOnlyUrl)).filter((row) => row.symbol === symbol)
}

const EXPECTED = {
  open: '100.00000001',
  high: '100.3',
  low: '99.90000001',
  close: '99.90000001',
  volume: '0.3',
  trade_count: '3',
}

describe('the feeds of docs/write-a-feed.md put trades that become bars:', () => {
  it('Node.js', async () => {
    await run(process.execPath, [feedIn('Node.js', 'js', 'feed.mjs')], tradesOf('NODE'))
    expect(await barsOf('NODE')).toMatchObject([EXPECTED, EXPECTED])
  })

  it.runIf(hasPython)('Python', async () => {
    await run(python, [feedIn('Python', 'python', 'feed.py')], tradesOf('PYTHON'))
    expect(await barsOf('PYTHON')).toMatchObject([EXPECTED, EXPECTED])
  })

  it.runIf(hasPython)('the AWS command line', async () => {
    const command = blockOf(page, 'AWS command line', 'sh').replace(/--cli-binary-format \S+/, '')
    await run('sh', ['-c', command])
    const bar = { open: '150.25', volume: '100', trade_count: '1' }
    expect(await barsOf('AAPL')).toMatchObject([bar])
  })
})
