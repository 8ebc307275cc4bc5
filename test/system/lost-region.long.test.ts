import { rmSync } from 'node:fs'

import {
  GetObjectCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3'
import { PutRecordsCommand } from '@aws-sdk/client-kinesis'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { type Deployment, startDeployment } from '../../bin/embedded/deployment.ts'
import { createKinesisClient } from '../../feed/kinesis-client.ts'
import { preparedData } from './support/data-folder.ts'
import { minuteText, recoveryCommands } from './support/recovery-page.ts'
import { readRows } from './support/replay-into.ts'
import { runCommand } from './support/run-command.ts'
import { readBarRecords, readSignals, signalsOf } from './support/signal-rows.ts'
import { waitFor } from './support/wait-for.ts'

const HOUR = 3600
/** The start of an hour, some hours ago. */
const T = (Math.floor(Date.now() / 1000 / HOUR) - 4) * HOUR
const MINUTES = 40
const SYMBOLS = ['AAPL', 'MSFT']

/** One region after the other: what they have in common is the copy of the archive. */
const regions: { readonly data: string; readonly deployment: Deployment }[] = []

async function startRegion(): Promise<Deployment> {
  const data = await preparedData()
  const deployment = await startDeployment({
    data,
    durability: 'none',
    settings: { archiveWindowSeconds: 0 },
    // The clock of a slow machine closes no bar.
    environment: { GRACE_MS: String(86_400_000) },
  })
  regions.push({ data, deployment })
  return deployment
}

let lost: Deployment

beforeAll(async () => {
  lost = await startRegion()
})
afterAll(async () => {
  for (const { data, deployment } of regions) {
    await deployment.stop()
    rmSync(data, { recursive: true, force: true })
  }
})

/** Two trades a minute of each symbol, numbered by the venue. */
async function put(deployment: Deployment, from: number, to: number): Promise<void> {
  const kinesis = createKinesisClient(deployment.runtime.environment)
  for (let minute = from; minute < to; minute++)
    await kinesis.send(
      new PutRecordsCommand({
        StreamName: deployment.ticksStream,
        Records: SYMBOLS.map((symbol, place) => ({
          PartitionKey: symbol,
          Data: Buffer.from(
            JSON.stringify({
              symbol,
              line: 'venue',
              contiguous: true,
              ticks: [0, 1].map((each) => {
                const id = 2 * minute + each
                return [T + 60 * minute + 20 * each, 100 + place + ((7 * id) % 11), 1, id]
              }),
            }),
          ),
        })),
      }),
    )
}

const s3Of = ({ runtime }: Deployment) =>
  new S3Client({
    endpoint: runtime.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    forcePathStyle: true,
  } satisfies S3ClientConfig)
const archiveOf = ({ runtime }: Deployment): string => runtime.outputs['ArchiveBucket'] ?? ''

type Copy = ReadonlyMap<string, Uint8Array>

/** What `aws s3 sync` reads. */
async function copyArchive(deployment: Deployment): Promise<Copy> {
  const client = s3Of(deployment)
  const Bucket = archiveOf(deployment)
  const copy = new Map<string, Uint8Array>()
  for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket, Prefix: 'ticks/' }))
    for (const { Key = '' } of Contents) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }))
      if (Body !== undefined) copy.set(Key, await Body.transformToByteArray())
    }
  return copy
}

async function putArchive(deployment: Deployment, copy: Copy): Promise<void> {
  for (const [Key, Body] of copy)
    await s3Of(deployment).send(new PutObjectCommand({ Bucket: archiveOf(deployment), Key, Body }))
}

it('the bars, indicators and patterns of a lost region are made again in another from the copy of its archive', async () => {
  await put(lost, 0, MINUTES)
  await lost.flush()
  // Those of the newest minutes may still be changed.
  const isFinal = ({ timestamp }: { readonly timestamp: string }) =>
    timestamp < minuteText(T + 60 * (MINUTES - 3))
  const before = (await readRows(lost.readOnlyUrl)).filter(isFinal)
  expect(before).toHaveLength(SYMBOLS.length * (MINUTES - 3))
  await lost.runtime.idle()
  const copy = await copyArchive(lost)
  expect(copy.size).toBeGreaterThan(0)
  await lost.stop()

  const other = await startRegion()
  // Feeds are pointed to it before anything is brought back.
  await put(other, MINUTES + 60, MINUTES + 65)
  await other.settle()
  await putArchive(other, copy)
  const [rebuild = ''] = recoveryCommands('The region is lost', T)
  await waitFor(async () => {
    const { code } = await runCommand(rebuild.split(' '), other.runtime.environment)
    expect(code).toBe(0)
    await other.settle()
    return (await readRows(other.readOnlyUrl)).filter(isFinal).length === before.length
  }, 'the bars of the lost region')
  expect((await readRows(other.readOnlyUrl)).filter(isFinal)).toEqual(before)
  const wanted = signalsOf(await readBarRecords(other.readOnlyUrl))
  expect(await readSignals(other.readOnlyUrl)).toEqual(wanted)
  expect(wanted.indicators.length).toBeGreaterThan(SYMBOLS.length * (MINUTES - 4))

  // Live ones go on from them.
  await put(other, MINUTES + 65, MINUTES + 70)
  await other.settle()
  expect(await readSignals(other.readOnlyUrl)).toEqual(signalsOf(await readBarRecords(other.readOnlyUrl)))
})
