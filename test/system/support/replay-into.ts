import { Client } from 'pg'
import * as z from 'zod'

import type { Deployment } from '../../../bin/embedded/deployment.ts'
import { createKinesisClient, kinesisPort } from '../../../feed/kinesis-client.ts'
import { barTextSchema } from '../../support/bar-text.ts'
import { putFile } from '../../support/put-file.ts'

const rowSchema = barTextSchema.extend({ revision: z.string() })

/** A row of the table of bars, every number as its text. */
export type Row = z.infer<typeof rowSchema>

/** Puts a file of trades on the stream of a deployment. */
export async function replayInto(
  deployment: Pick<Deployment, 'runtime' | 'ticksStream'>,
  file: string,
  options: { readonly ticksPerRecord?: number } = {},
): Promise<void> {
  await putFile(file, {
    kinesis: kinesisPort(createKinesisClient(deployment.runtime.environment)),
    stream: deployment.ticksStream,
    ticksPerRecord: options.ticksPerRecord ?? 200,
  })
}

/** All bars, by symbol and time. */
export async function readRows(url: string): Promise<Row[]> {
  const client = new Client(url)
  await client.connect()
  try {
    const { rows } = await client.query(`
      SELECT symbol, to_char(timestamp AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS timestamp, open::text,
        high::text, low::text, close::text, volume::text, vwap::text, trade_count::text, revision::text
      FROM ohlcv_1min ORDER BY symbol, ohlcv_1min.timestamp`)
    return z.array(rowSchema).parse(rows)
  } finally {
    await client.end()
  }
}
