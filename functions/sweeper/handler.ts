import { setTimeout } from 'node:timers/promises'

import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import * as z from 'zod'

import { createBarStream } from '../minute-state/bar-stream.ts'
import { parseEnvironment } from '../shared/runtime/environment.ts'
import { createFeatureFlags } from '../shared/runtime/feature-flags.ts'
import { createKinesisClient, putRecordsWith } from '../shared/streams/kinesis-client.ts'
import { rulesOf } from '../minute-state/rules.ts'
import { createMinuteStateStore } from '../minute-state/store.ts'
import { type Counts, createTelemetry } from '../shared/runtime/telemetry.ts'
import { isOpen } from '../shared/runtime/trading-hours.ts'
import { sweeperEnvironment } from './env.ts'
import { sweep } from './sweep.ts'
import { untilSwept } from './until-swept.ts'

const environment = parseEnvironment(sweeperEnvironment, process.env)
const telemetry = createTelemetry('sweeper')
const flags = createFeatureFlags(environment.FLAGS_PATH, ['aggregation'], { log: telemetry.logger })
const deps = {
  store: createMinuteStateStore(new DynamoDBClient(), environment.MINUTE_STATE_TABLE),
  sink: createBarStream(putRecordsWith(createKinesisClient()), environment.BARS_STREAM),
  rules: rulesOf(environment),
}

/** The schedule sends `{"type":"sweep"}` each minute; `{"type":"flush"}` closes every open bar now. */
const eventSchema = z.object({
  type: z.enum(['sweep', 'flush'], 'send {"type":"sweep"} or {"type":"flush"}'),
})

const NOTHING = { BarsCompleted: 0, BarsRevised: 0, StateConflicts: 0, OutboxReemitted: 0 }

/** A flush was requested while the flag `aggregation` is off. */
class AggregationOffError extends Error {
  override readonly name = 'AggregationOffError'
}

/** Closes the open bars of past minutes; answers with the number of bars. */
export async function handler(event: unknown): Promise<{ completed: number; revised: number }> {
  const { type } = eventSchema.parse(event)
  // The clock of the alarm no-ticks, which has no time zones; read before the wait.
  const SessionOpen = type === 'sweep' && isOpen(environment.TRADING_HOURS, Date.now()) ? 1 : 0
  if ((await flags.get('aggregation')) === 'off') {
    if (type === 'sweep') return done({ ...NOTHING, SessionOpen })
    throw new AggregationOffError(
      'no minute is closed while the flag aggregation is off; turn it on first: npx tickstock flag aggregation on',
    )
  }
  if (type === 'sweep') await setTimeout(untilSwept(Date.now(), deps.rules))
  const totals = await sweep(deps, type === 'flush' ? 'all' : 'due', Date.now)
  return done({
    BarsCompleted: totals.completed,
    BarsRevised: totals.revised,
    StateConflicts: totals.conflicts + totals.stale,
    OutboxReemitted: totals.reemitted,
    SessionOpen,
  })
}

function done(counts: Counts<'sweeper'>): { completed: number; revised: number } {
  telemetry.count(counts)
  return { completed: counts.BarsCompleted, revised: counts.BarsRevised }
}
