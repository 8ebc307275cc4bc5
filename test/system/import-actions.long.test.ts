import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, it } from 'vitest'

import { type Deployment, startDeployment } from '../../bin/embedded/deployment.ts'
import { preparedData } from './support/data-folder.ts'
import { runCommand } from './support/run-command.ts'

let data: string
let deployment: Deployment

beforeAll(async () => {
  data = await preparedData()
  deployment = await startDeployment({
    data,
    durability: 'none',
    settings: { websocket: 'off', tickShards: 1 },
  })
})
afterAll(async () => {
  await deployment.stop()
  rmSync(data, { recursive: true, force: true })
})

async function importActions(rows: readonly string[], ...options: readonly string[]) {
  const file = join(data, 'actions.csv')
  writeFileSync(file, ['symbol,ex_date,ratio,amount', ...rows, ''].join('\n'))
  const given = ['import', '--actions', file, ...options, '--stage', 'local']
  const { code, stdout, stderr } = await runCommand(given, deployment.runtime.environment)
  return { code, stderr, lines: stdout.split('\n').map((line) => line.trim()) }
}

it('import --actions stores them once, reports bad rows, corrects, and removes', async () => {
  const rows = [
    'AAPL,2020-08-31,4:1,',
    'AAPL,2020-08-07,,0.205',
    'MSFT,2020-02-30,2:1,',
    'MSFT,2003-02-18,2:1,',
  ]
  const first = await importActions(rows)
  expect(first).toMatchObject({ code: 0, stderr: '' })
  expect(first.lines).toContainEqual(
    expect.stringMatching(/actions\.csv:4: rejected: the ex-date "2020-02-30" is no day/),
  )
  expect(first.lines).toEqual(expect.arrayContaining(['4  rows', '1  rejected', '3  actions added']))
  expect((await importActions(rows)).lines).toEqual(
    expect.arrayContaining(['3  actions as they were', '0  actions added']),
  )
  const refused = await importActions(['AAPL,2020-08-31,4;1,', 'AAPL,2020-08-07,,0.205'], '--replace')
  expect(refused).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/1 rows were rejected.*nothing was stored/),
  })
  expect((await importActions(rows)).lines).toContain('3  actions as they were')
  const edited = await importActions(['AAPL,2020-08-31,5:1,', 'MSFT,2003-02-18,1:1,'], '--replace')
  expect(edited.lines).toEqual(
    expect.arrayContaining(['1  actions changed', '2  actions removed', '0  actions added']),
  )
})

it('import --actions exits with 1 where no row is an action, and takes no --bars', async () => {
  expect(await importActions(['AAPL,never,4:1,'])).toMatchObject({ code: 1 })
  const both = await importActions(['AAPL,2020-08-31,4:1,'], '--bars')
  expect(both.code).not.toBe(0)
  expect(both.stderr).toMatch(/--actions.*--bars/)
})
