import { rmSync } from 'node:fs'

import { PutRecordsCommand } from '@aws-sdk/client-kinesis'

import { type Deployment, startDeployment } from '../../../bin/embedded/deployment.ts'
import { createKinesisClient } from '../../../feed/kinesis-client.ts'

const HOUR = 3600

/** The start of an hour, some hours ago; Unix seconds. */
export const REGION_HOUR = (Math.floor(Date.now() / 1000 / HOUR) - 4) * HOUR
export const REGION_SYMBOLS = ['AAPL', 'MSFT']

/** Deployments of one region after the other: what they have in common is what was copied. */
export class Regions {
  readonly #started: { readonly data: string; readonly deployment: Deployment }[] = []

  async start(data: string): Promise<Deployment> {
    const deployment = await startDeployment({
      data,
      durability: 'none',
      settings: { archiveWindowSeconds: 0 },
      // The clock of a slow machine closes no bar.
      environment: { GRACE_MS: String(86_400_000) },
    })
    this.#started.push({ data, deployment })
    return deployment
  }

  async end(): Promise<void> {
    for (const { data, deployment } of this.#started) {
      await deployment.stop()
      rmSync(data, { recursive: true, force: true })
    }
  }
}

/** Two trades a minute of each symbol, numbered by the venue. */
export async function putMinutes(deployment: Deployment, from: number, to: number): Promise<void> {
  for (let minute = from; minute < to; minute++)
    await putTrades(deployment, (place) =>
      [0, 1].map((each) => {
        const id = 2 * minute + each
        return [REGION_HOUR + 60 * minute + 20 * each, 100 + place + ((7 * id) % 11), 1, id]
      }),
    )
}

/** Trades of each symbol, by its place among them. */
export async function putTrades(
  deployment: Deployment,
  ticksOf: (place: number) => readonly (readonly number[])[],
): Promise<void> {
  const kinesis = createKinesisClient(deployment.runtime.environment)
  const Records = REGION_SYMBOLS.map((symbol, place) => ({
    PartitionKey: symbol,
    Data: Buffer.from(JSON.stringify({ symbol, line: 'venue', contiguous: true, ticks: ticksOf(place) })),
  }))
  await kinesis.send(new PutRecordsCommand({ StreamName: deployment.ticksStream, Records }))
}
