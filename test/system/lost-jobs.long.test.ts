import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { PutRecordsCommand } from '@aws-sdk/client-kinesis'
import { Client } from 'pg'
import { beforeAll, expect, it } from 'vitest'

import type { Deployment } from '../../bin/embedded/deployment.ts'
import { clientOptions } from '../../bin/stage/client-options.ts'
import { createKinesisClient } from '../../feed/kinesis-client.ts'
import { createTable, loseTable } from './support/lost-tables.ts'
import { recoveryCommands } from './support/recovery-page.ts'
import { readRows } from './support/replay-into.ts'
import { type Ended, runCommand } from './support/run-command.ts'
import { DRILL_HOUR, startDrill } from './support/start-drill.ts'
import { waitFor } from './support/wait-for.ts'

const SECTION = 'The table jobs is lost'
const TABLE = 'tickstock-local-jobs'
const SYMBOLS = ['AAPL', 'MSFT', 'NVDA']

let deployment: Deployment

beforeAll(async () => {
  const drill = await startDrill()
  deployment = drill.deployment
  return drill.end
})

async function trade(): Promise<void> {
  const kinesis = createKinesisClient(deployment.runtime.environment)
  const Records = SYMBOLS.map((symbol, place) => {
    const ticks = Array.from({ length: 40 }, (_, minute) => [
      DRILL_HOUR + 60 * minute,
      100 + place + ((7 * minute) % 11),
      1,
      minute,
    ])
    return { PartitionKey: symbol, Data: Buffer.from(JSON.stringify({ symbol, line: 'venue', ticks })) }
  })
  await kinesis.send(new PutRecordsCommand({ StreamName: deployment.ticksStream, Records }))
  await deployment.settle()
  // The archiver, too.
  await deployment.runtime.idle()
}

const run = async (words: string): Promise<Ended> =>
  await runCommand(words.split(' '), deployment.runtime.environment)

it('rebuilds that a lost table had open are submitted again, and complete what they had begun', async () => {
  const [rebuild = ''] = recoveryCommands(SECTION, DRILL_HOUR)
  await trade()
  const before = await readRows(deployment.readOnlyUrl)
  expect(before.length).toBeGreaterThan(SYMBOLS.length * 35)
  const database = new Client({ ...deployment.postgres.superuser, database: 'tickstock' })
  await database.connect()
  // The newest are not final, and a rebuild leaves them.
  await database.query('delete from ohlcv_1min where extract(minute from timestamp) between 5 and 30')
  await database.end()
  const dynamodb = new DynamoDBClient(clientOptions('DYNAMODB', deployment.runtime.environment))

  expect(await run(`${rebuild} --detach`)).toMatchObject({ code: 0 })
  await loseTable(dynamodb, TABLE)
  expect(await run('jobs list')).toMatchObject({ code: 1 })

  await createTable(dynamodb, SECTION, TABLE)
  expect(await run('jobs list')).toMatchObject({ code: 0 })
  await waitFor(async () => {
    expect(await run(rebuild)).toMatchObject({ code: 0, stderr: '' })
    await deployment.settle()
    return (await readRows(deployment.readOnlyUrl)).length === before.length
  }, 'the bars that the rebuild makes again')
  const keyOf = ({ symbol, timestamp, close }: (typeof before)[number]) => `${symbol} ${timestamp} ${close}`
  expect((await readRows(deployment.readOnlyUrl)).map(keyOf)).toEqual(before.map(keyOf))
  expect((await run('jobs list')).stdout).toMatch(/ done /)
})
