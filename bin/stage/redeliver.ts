import type { KinesisStreamRecord } from 'aws-lambda'
import * as z from 'zod'

import { nameOf } from '../../functions/shared/runtime/deployment-name.ts'
import { UsageError } from '../terminal/errors.ts'
import { countLine } from '../terminal/count-lines.ts'
import { count, openScreen, type Screen } from '../terminal/screen.ts'
import type { DeployedStage } from './find-deployment.ts'
import { partInvoker } from './invoke-part.ts'
import { readStream } from './read-stream.ts'

export type RedeliverOptions = {
  /** Unix seconds: records that arrived from then on. */
  readonly from: number
}

/** The streams that the bar-writer reads, in the order in which it gets them again. */
const STREAMS = ['bars', 'signals'] as const
/** Records of a call, and bytes of them: Lambda takes 6 MB. */
const MAX_RECORDS = 500
const MAX_BYTES = 4 * 1024 * 1024

const answerSchema = z.object({ batchItemFailures: z.array(z.unknown()) })

/**
 * Gives the bar-writer of a deployment again what the streams `bars` and `signals` still have: a database that has lost
 * rows gets them back with their revisions, and one that has them is not changed.
 */
export async function redeliver(deployed: DeployedStage, { from }: RedeliverOptions): Promise<number> {
  const write = await partInvoker('bar-writer', deployed)
  const screen = openScreen()
  for (const name of STREAMS) {
    const stream = `${nameOf(deployed)}-${name}`
    let [records, since] = [0, Infinity]
    for await (const read of readStream(deployed, stream, from * 1000))
      for (const batch of batchesOf(read)) {
        const { batchItemFailures } = answerSchema.parse(await write({ Records: batch }))
        if (batchItemFailures.length > 0)
          throw new UsageError(
            `the bar-writer could not write records of ${stream}: see its log, and give the command again`,
          )
        since = Math.min(since, ...batch.map(({ kinesis }) => kinesis.approximateArrivalTimestamp))
        records += batch.length
        screen.status(`${stream}: ${count(records)} records`)
      }
    screen.end()
    report(screen, stream, { records, since })
  }
  return 0
}

function report(
  screen: Screen,
  stream: string,
  { records, since }: { readonly records: number; readonly since: number },
): void {
  const first = records === 0 ? '' : `, the first of ${new Date(since * 1000).toISOString()}`
  screen.print(countLine(records, `records of ${stream}${first}`))
}

function batchesOf(records: readonly KinesisStreamRecord[]): readonly (readonly KinesisStreamRecord[])[] {
  const batches: KinesisStreamRecord[][] = []
  let bytes = Infinity
  for (const record of records) {
    const { length } = record.kinesis.data
    const last = batches.at(-1)
    bytes += length
    if (last !== undefined && bytes <= MAX_BYTES && last.length < MAX_RECORDS) last.push(record)
    else {
      batches.push([record])
      bytes = length
    }
  }
  return batches
}
