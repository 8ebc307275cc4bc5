import { setTimeout } from 'node:timers/promises'

import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { z } from 'zod'

import { createBarStream } from '../shared/bar-stream.ts'
import { parseEnvironment } from '../shared/environment.ts'
import { createFeatureFlags } from '../shared/feature-flags.ts'
import { createKinesisClient, putRecordsWith } from '../shared/kinesis.ts'
import { rulesOf } from '../shared/minute-rules.ts'
import { createMinuteStateStore } from '../shared/minute-state-store.ts'
import { createTelemetry } from '../shared/telemetry.ts'
import { sweeperEnvironment } from './env.ts'
import { sweep } from './sweep.ts'
import { untilSwept } from './until-swept.ts'

const environment = parseEnvironment(sweeperEnvironment, process.env)
const telemetry = createTelemetry('sweeper')
const flags = createFeatureFlags(environment.FLAGS_PATH, ['aggregation'], { log: telemetry.logger })
const parts = {
  store: createMinuteStateStore(new DynamoDBClient(), environment.MINUTE_STATE_TABLE),
  sink: createBarStream(putRecordsWith(createKinesisClient()), environment.BARS_STREAM),
  rules: rulesOf(environment),
}

/** `{"type":"sweep"}` is what the schedule sends each minute, `{"type":"flush"}` closes every open minute now. */
const eventSchema = z.object({
  type: z.enum(['sweep', 'flush'], 'send {"type":"sweep"} or {"type":"flush"}'),
})

/** A flush was asked for while the flag `aggregation` is off. */
class AggregationOffError extends Error {
  override readonly name = 'AggregationOffError'
}

/** Closes the minutes that are over; answers with how many bars that made. */
export async function handler(event: unknown): Promise<{ completed: number; revised: number }> {
  const { type } = eventSchema.parse(event)
  if ((await flags.get('aggregation')) === 'off') {
    if (type === 'sweep') return { completed: 0, revised: 0 }
    throw new AggregationOffError(
      'no minute is closed while the flag aggregation is off; turn it on first: npm run flag -- aggregation on',
    )
  }
  if (type === 'sweep') await setTimeout(untilSwept(Date.now(), parts.rules))
  const totals = await sweep(parts, type === 'flush' ? 'all' : 'due', Date.now)
  telemetry.count({
    BarsCompleted: totals.completed,
    BarsRevised: totals.revised,
    StateConflicts: totals.conflicts + totals.stale,
    OutboxReemitted: totals.reemitted,
  })
  return { completed: totals.completed, revised: totals.revised }
}
