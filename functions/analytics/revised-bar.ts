import type { RevisedBar } from '../domain/signals.ts'
import { toSeriesBar } from '../shared/analysis/series-bar.ts'
import type { BarRecord } from '../shared/streams/records.ts'

/** A record of `bars` in the form of the analysis. */
export function toRevisedBar(record: BarRecord): RevisedBar {
  return {
    bar: toSeriesBar({ ...record, start: Date.parse(record.timestamp) / 1000 }),
    revision: record.revision,
    withdrawn: record.withdrawn,
    closedAt: record.closed_at,
  }
}
