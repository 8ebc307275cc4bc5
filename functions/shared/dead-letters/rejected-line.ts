import * as z from 'zod'

/** A line of an object below `rejected/` of the dead-letter bucket: what was rejected of a record, and why. */
export const rejectedLineSchema = z.object({
  reason: z.string(),
  detail: z.string(),
  shard: z.string(),
  /** Kinesis sequence number of the record. */
  sequence: z.string(),
  partitionKey: z.string(),
  /** When the stream took it; ISO, UTC. */
  arrivedAt: z.string(),
  /** The tick's place in its batch; absent where the whole record was rejected. */
  index: z.int().optional(),
  /** Of a tick whose record said so: the line that its id counts on, whether it is contiguous, and the tape. */
  line: z.string().optional(),
  contiguous: z.boolean().optional(),
  tape: z.string().optional(),
  /** The tick as JSON, or the record as text. */
  payload: z.string().optional(),
  /** The record where it is not UTF-8. */
  payloadBase64: z.string().optional(),
  /** Instead of `payload`, of the many that a record has beyond the first: each as `payload` would have it. */
  payloads: z.array(z.string()).optional(),
  /** Instead of `index`, their places in order: the first and last of each run. */
  indexes: z.array(z.tuple([z.int(), z.int()])).optional(),
})

export type RejectedLine = Readonly<z.infer<typeof rejectedLineSchema>>

/** A line as lines with one rejection each. */
export function singleLines(line: RejectedLine): readonly RejectedLine[] {
  const { payloads, indexes, ...common } = line
  if (payloads === undefined) return [line]
  const places = indexes === undefined ? [] : placesOf(indexes)
  return payloads.map((payload, number) => {
    const index = places[number]
    return { ...common, ...(index !== undefined && { index }), payload }
  })
}

/** Places in order as runs. */
export function runsOf(places: readonly number[]): [number, number][] {
  const runs: [number, number][] = []
  for (const place of places) {
    const last = runs.at(-1)
    if (last !== undefined && place === last[1] + 1) last[1] = place
    else runs.push([place, place])
  }
  return runs
}

function placesOf(runs: readonly (readonly [number, number])[]): number[] {
  const places: number[] = []
  for (const [first, last] of runs) for (let place = first; place <= last; place++) places.push(place)
  return places
}
