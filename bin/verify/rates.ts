import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb'
import type { Client } from 'pg'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { z } from 'zod'

import type { SymbolState } from '../../functions/domain/symbol-state.ts'
import { minuteStateCodec } from '../../functions/shared/minute-state-store.ts'
import { clientOptions } from '../local/client-options.ts'
import { type Finding, finding } from './finding.ts'

/** The targets of the original project, for 70 symbols. */
const LATENCY_MS = 100
const STATE_MB = 10
const TARGET_SYMBOLS = 70

const ratesSchema = z.tuple([
  z.object({
    minutes: z.coerce.number(),
    bars: z.coerce.number(),
    ticks: z.coerce.number(),
    p50: z.number().nullable(),
    p99: z.number().nullable(),
  }),
])

// Whole minutes only. Bars that were closed long after their minute come from a replay, not from live ticks.
const RATES = `
  SELECT count(DISTINCT timestamp) AS minutes, count(*) AS bars, coalesce(sum(trade_count), 0) AS ticks,
    percentile_disc(0.5) WITHIN GROUP (ORDER BY latency) AS p50, percentile_disc(0.99) WITHIN GROUP (ORDER BY latency) AS p99
  FROM (
    SELECT timestamp, trade_count, extract(epoch FROM written_at - closed_at)::float8 * 1000 AS latency
    FROM ohlcv_1min
    WHERE timestamp >= date_trunc('minute', now()) - interval '10 minutes'
      AND timestamp < date_trunc('minute', now()) - interval '1 minute'
      AND closed_at BETWEEN timestamp + interval '1 minute' AND timestamp + interval '2 minutes' AND revision = 1
  ) AS live`

/** Rates and latency of the last minutes, and the size of the state, against the targets. */
export async function checkRates(
  client: Client,
  { stage, symbols }: { stage: string; symbols: number },
): Promise<Finding[]> {
  const [{ minutes, bars, ticks, p50, p99 }] = ratesSchema.parse((await client.query(RATES)).rows)
  const perMinute = minutes === 0 ? 0 : bars / minutes
  const latency = (name: string, value: number | null): Finding =>
    finding(`bar latency ${name}`, `under ${LATENCY_MS} ms`, {
      found: value === null ? 'no live bars' : `${value.toFixed(1)} ms`,
      holds: value !== null && value < LATENCY_MS,
    })
  return [
    finding('ticks per second, in live bars', 'above 0', {
      found: minutes === 0 ? 'no live bars' : `${(ticks / minutes / 60).toFixed(1)}, in ${minutes} minutes`,
      holds: ticks > 0,
    }),
    finding('bars per minute, live', `about ${symbols}`, {
      found: perMinute.toFixed(1),
      holds: perMinute >= symbols * 0.9 && perMinute <= symbols * 1.1,
    }),
    latency('p50', p50),
    latency('p99', p99),
    await stateMemory(stage),
  ]
}

/** What the state of all symbols takes in the memory of a function that holds it. */
async function stateMemory(stage: string): Promise<Finding> {
  const states = new Map<string, SymbolState>()
  const client = new DynamoDBClient(clientOptions('DYNAMODB'))
  const before = usedHeap()
  for await (const { Items = [] } of paginateScan(
    { client },
    { TableName: `tickstock-${stage}-minute-state` },
  ))
    for (const item of Items) states.set(item['symbol']?.S ?? '', minuteStateCodec.decode(item))
  const megabytes = (usedHeap() - before) / 1e6
  const allowed = STATE_MB * Math.max(1, states.size / TARGET_SYMBOLS)
  return finding('memory of the state', `under ${allowed.toFixed(0)} MB`, {
    found: `${megabytes.toFixed(2)} MB for ${states.size} symbols`,
    holds: states.size > 0 && megabytes < allowed,
  })
}

/** Bytes in use once the garbage is out. */
function usedHeap(): number {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect === 'function') collect()
  return process.memoryUsage().heapUsed
}
