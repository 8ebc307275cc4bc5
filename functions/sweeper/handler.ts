import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import * as z from 'zod'

import { createBarStream } from '../minute-state/bar-stream.ts'
import { parseEnvironment } from '../shared/runtime/environment.ts'
import { createFeatureFlags } from '../shared/runtime/feature-flags.ts'
import { createKinesisClient, putRecordsWith } from '../shared/streams/kinesis-client.ts'
import { noTotals, type Totals } from '../minute-state/advance.ts'
import { rulesOf } from '../minute-state/rules.ts'
import { createMinuteStateStore } from '../minute-state/store.ts'
import { LIMITS, limitedHttp } from '../shared/runtime/limited-http.ts'
import { type Counts, createTelemetry } from '../shared/runtime/telemetry.ts'
import { isAnyOpen } from '../shared/runtime/trading-hours.ts'
import { until } from '../shared/runtime/until.ts'
import { sweeperEnvironment } from './env.ts'
import { sweep, type Swept } from './sweep.ts'
import { createMinuteSweeps } from './sweep-minute.ts'

const environment = parseEnvironment(sweeperEnvironment, process.env)
const telemetry = createTelemetry('sweeper')
const flags = createFeatureFlags(environment.FLAGS_PATH, ['aggregation'], { log: telemetry.logger })
const deps = {
  store: createMinuteStateStore(
    new DynamoDBClient({ requestHandler: limitedHttp(LIMITS.dynamodb) }),
    environment.MINUTE_STATE_TABLE,
  ),
  sink: createBarStream(putRecordsWith(createKinesisClient()), environment.BARS_STREAM),
  rules: rulesOf(environment),
}

const sweepMinute = createMinuteSweeps({
  rules: deps.rules,
  deliveryMs: environment.DELIVERY_MS,
  now: Date.now,
  until,
  sweep: sweepDue,
})

/** The schedule sends `{"type":"sweep"}` each minute; `{"type":"flush"}` closes every open bar now. */
const eventSchema = z.object({
  type: z.enum(['sweep', 'flush'], 'send {"type":"sweep"} or {"type":"flush"}'),
})

/** A flush was requested while the flag `aggregation` is off. */
class AggregationOffError extends Error {
  override readonly name = 'AggregationOffError'
}

/** Closes the open bars of past minutes; answers with the number of bars. */
export async function handler(event: unknown): Promise<{ completed: number; revised: number }> {
  const { type } = eventSchema.parse(event)
  if (type === 'flush') {
    if (await isOff())
      throw new AggregationOffError(
        'no minute is closed while the flag aggregation is off; turn it on first: npx tickstock flag aggregation on',
      )
    return done((await sweep(deps, { kind: 'all', now: Date.now })).totals)
  }
  // The clock of the alarm no-ticks, which has no time zones; told before the wait, so that each minute has one.
  const SessionOpen = isAnyOpen(environment.TRADING_HOURS, Date.now()) ? 1 : 0
  telemetry.count({ ...countsOf(noTotals()), SessionOpen })
  return done((await isOff()) ? noTotals() : await sweepMinute())
}

async function isOff(): Promise<boolean> {
  return (await flags.get('aggregation')) === 'off'
}

/** Closes nothing where the flag was turned off in the meantime. */
async function sweepDue(symbols?: readonly string[]): Promise<Swept> {
  if (await isOff()) return { totals: noTotals(), waiting: new Map() }
  return await sweep(deps, { kind: 'due', now: Date.now, symbols })
}

function done(totals: Totals): { completed: number; revised: number } {
  telemetry.count(countsOf(totals))
  return { completed: totals.completed, revised: totals.revised }
}

function countsOf(totals: Totals): Counts<'sweeper'> {
  return {
    BarsCompleted: totals.completed,
    BarsRevised: totals.revised,
    // A bar that an aggregator, or another sweep, has closed in the meantime is none: it is left alone.
    StateConflicts: totals.conflicts,
    OutboxReemitted: totals.reemitted,
    SessionOpen: 0,
  }
}
