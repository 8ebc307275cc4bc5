import { DeleteItemCommand, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb'
import { PutRecordsCommand } from '@aws-sdk/client-kinesis'
import { beforeAll, expect, it } from 'vitest'

import type { Deployment } from '../../bin/embedded/deployment.ts'
import { clientOptions } from '../../bin/stage/client-options.ts'
import { createKinesisClient } from '../../feed/kinesis-client.ts'
import { recoveryCommands } from './support/recovery-page.ts'
import { runCommand } from './support/run-command.ts'
import { DRILL_HOUR, startDrill } from './support/start-drill.ts'
import { readBarRecords, readSignals, signalsOf } from './support/signal-rows.ts'

const T = DRILL_HOUR
const TABLE = 'tickstock-local-indicator-state'

let deployment: Deployment

beforeAll(async () => {
  const drill = await startDrill()
  deployment = drill.deployment
  return drill.end
})

/** A trade in each of some minutes, and everything that comes of it. */
async function trade(from: number, to: number): Promise<void> {
  const Records = Array.from({ length: to - from }, (_, index) => {
    const minute = from + index
    const ticks = [[T + 60 * minute, 100 + ((7 * minute) % 11), 1, minute]]
    return {
      PartitionKey: 'NVDA',
      Data: Buffer.from(JSON.stringify({ symbol: 'NVDA', line: 'venue', ticks })),
    }
  })
  const kinesis = createKinesisClient(deployment.runtime.environment)
  await kinesis.send(new PutRecordsCommand({ StreamName: deployment.ticksStream, Records }))
  await deployment.settle()
}

async function loseStates(): Promise<void> {
  const client = new DynamoDBClient(clientOptions('DYNAMODB', deployment.runtime.environment))
  const { Items = [] } = await client.send(new ScanCommand({ TableName: TABLE }))
  expect(Items).toHaveLength(1)
  for (const { symbol } of Items)
    if (symbol !== undefined) await client.send(new DeleteItemCommand({ TableName: TABLE, Key: { symbol } }))
}

const stored = () => readSignals(deployment.readOnlyUrl)
/** What the stored bars come to. */
const wanted = async () => signalsOf(await readBarRecords(deployment.readOnlyUrl))

it('indicators begin anew without their table, and a rebuild makes them, and the state, what the bars come to', async () => {
  const [rebuild = ''] = recoveryCommands('The table indicator-state is lost', T)
  await trade(0, 27)
  // Those of the batch before are emitted once more with the next one, and known to be on the stream then.
  await trade(27, 28)
  await trade(28, 30)
  const before = await stored()
  expect(before.indicators.length).toBeGreaterThan(25)
  expect(before).toEqual(await wanted())

  await loseStates()
  await trade(30, 40)
  expect(await stored()).not.toEqual(await wanted())

  // The archiver, too.
  await deployment.runtime.idle()
  const { code, stderr } = await runCommand(rebuild.split(' '), deployment.runtime.environment)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  await deployment.settle()
  const after = await stored()
  expect(after).toEqual(await wanted())
  // The state is mended, too.
  await trade(40, 45)
  const later = await stored()
  expect(later.indicators.length).toBeGreaterThan(after.indicators.length + 3)
  expect(later).toEqual(await wanted())
})
