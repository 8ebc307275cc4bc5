import * as z from 'zod'

import { createKinesisClient, kinesisPort } from '../../feed/kinesis-client.ts'
import { parseEnvironment } from '../shared/runtime/environment.ts'
import { syntheticFeedEnvironment } from './env.ts'
import { until } from '../shared/runtime/until.ts'
import { putMinute } from './put-minute.ts'
import { createMinutePuts } from './put-minutes.ts'

const environment = parseEnvironment(syntheticFeedEnvironment, process.env)
const market = {
  kinesis: kinesisPort(createKinesisClient()),
  stream: environment.TICKS_STREAM,
  symbols: environment.SYMBOLS,
}

const putMinutes = createMinutePuts({ put: (end) => putMinute(market, end), until })

/** What the schedule sends: `{"type":"put-minute","time":"2025-11-10T14:31:00Z"}`, the time at which it fired. */
const eventSchema = z.object({
  type: z.literal('put-minute', 'send {"type":"put-minute","time":"2025-11-10T14:31:00Z"}'),
  time: z.iso.datetime('send the time as 2025-11-10T14:31:00Z'),
})

/** Puts the ticks of a minute as it ends; answers with how many. */
export async function handler(event: unknown): Promise<{ ticks: number }> {
  const { time } = eventSchema.parse(event)
  return { ticks: await putMinutes(Date.parse(time)) }
}
