import * as z from 'zod'

import { minuteOf } from '../../../../functions/domain/bar-builder.ts'
import { type Bucket, readDeadLetters } from '../../../../functions/shared/dead-letters/bucket.ts'
import { contentOf, type DeadLetter } from '../../../../functions/shared/dead-letters/dead-letter.ts'
import { minuteText } from '../../../../functions/shared/runtime/minute-text.ts'
import type { HistoryEvent } from './history.ts'

type Reported = Extract<HistoryEvent, { type: 'reported' }>

/** Time, price, volume, as the producer wrote them. */
const tradeSchema = z.tuple([z.string()]).rest(z.unknown())
const contentSchema = z.union([
  tradeSchema.transform((trade) => [trade]),
  z.object({ ticks: z.array(tradeSchema) }).transform(({ ticks }) => ticks),
])

/** What an operator finds in the dead-letter bucket about trades: how many of each minute. */
export async function readReports(bucket: Bucket): Promise<Reported[]> {
  const { letters } = await readDeadLetters(bucket)
  return letters.flatMap(reportsOf)
}

function reportsOf({ stream, records }: DeadLetter): Reported[] {
  if (!stream.endsWith('ticks')) return []
  return records.flatMap((record) => {
    const trades = contentSchema.parse(JSON.parse(contentOf(record)))
    const minutes = trades.map(([time]) => minuteText(minuteOf(Math.floor(Number(time)))))
    return [...Map.groupBy(minutes, (minute) => minute)].map(([timestamp, all]) => ({
      type: 'reported' as const,
      symbol: record.partitionKey,
      timestamp,
      trades: all.length,
    }))
  })
}
