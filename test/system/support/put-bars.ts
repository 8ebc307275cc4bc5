import type { Deployment } from '../../../bin/embedded/deployment.ts'
import { linesOf } from '../../../functions/shared/streams/lines.ts'
import { parseBarRecord } from '../../../functions/shared/streams/records.ts'

/** A bar as it was put on `bars`, and when, in Unix milliseconds. */
export type PutBar = {
  readonly symbol: string
  readonly timestamp: string
  readonly revision: number
  readonly arrivedAt: number
}

const PAGE = 1000

/** Every bar that was put on the stream `bars`, as often as it was. */
export function putBars({ runtime }: Pick<Deployment, 'runtime'>): readonly PutBar[] {
  const stream = runtime.outputs['BarsStream'] ?? ''
  return runtime.streams.listShards(stream).flatMap(({ shardId }) => {
    const bars: PutBar[] = []
    let after: string | undefined
    for (;;) {
      const page = runtime.streams.read(stream, shardId, { afterSequenceNumber: after, limit: PAGE })
      for (const { data, arrivedAt } of page)
        for (const text of linesOf(Buffer.from(data).toString())) {
          const { symbol, timestamp, revision } = parseBarRecord(text)
          bars.push({ symbol, timestamp, revision, arrivedAt })
        }
      after = page.at(-1)?.sequenceNumber
      if (after === undefined) return bars
    }
  })
}
