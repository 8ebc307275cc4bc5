import { signal } from '@preact/signals'
import * as z from 'zod/mini'

import { request } from '../api/request.ts'
import { TIMEFRAMES, type Zone, ZONES } from '../market/timeframes.ts'

/** What the API can do: read from its own description, so that a page and an API of different age fit. */
export const timeframes = signal<readonly string[]>(TIMEFRAMES)
export const zones = signal<readonly Zone[]>(ZONES)

const parameterSchema = z.object({
  name: z.string(),
  schema: z.optional(z.object({ enum: z.optional(z.array(z.string())) })),
})
const descriptionSchema = z.object({
  paths: z.record(
    z.string(),
    z.object({ get: z.optional(z.object({ parameters: z.optional(z.array(parameterSchema)) })) }),
  ),
})

const BARS = '/v1/bars/{symbol}'

/** Reads it; without it, what this page knows stays. */
export async function readAbilities(): Promise<void> {
  const { paths } = await request('/v1/openapi.json', { schema: descriptionSchema })
  const allowed = (name: string): readonly string[] =>
    paths[BARS]?.get?.parameters?.find((one) => one.name === name)?.schema?.enum ?? []
  const found = allowed('timeframe')
  if (found.length > 0) timeframes.value = found
  const known = ZONES.filter((zone) => allowed('tz').includes(zone))
  if (known.length > 0) zones.value = known
}
