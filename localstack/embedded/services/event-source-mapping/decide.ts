import type { StoredRecord } from '../kinesis/stream-reader.ts'
import type { Outcome } from './outcome.ts'
import type { EventSourceMappingSettings } from './settings.ts'

/** Consecutive records that are handed to the function together. */
export type Part = {
  /** At least one, oldest first. */
  readonly records: readonly StoredRecord[]
  /** Failed invocations that count towards the retry quota. */
  readonly failures: number
  /** Invocations that the first of these records was part of. */
  readonly invocations: number
}

export type GiveUpCondition = 'RetryAttemptsExhausted' | 'RecordAgeExceeded'

/** What to do next. `rest` is what is left of the batch, its first part being the next to invoke. */
export type Decision =
  | { readonly type: 'advance'; readonly done: readonly StoredRecord[]; readonly rest: readonly Part[] }
  | { readonly type: 'bisect'; readonly rest: readonly Part[] }
  | { readonly type: 'retry'; readonly done: readonly StoredRecord[]; readonly rest: readonly Part[] }
  | {
      readonly type: 'give-up'
      readonly done: readonly StoredRecord[]
      readonly discarded: Part
      readonly condition: GiveUpCondition
      readonly rest: readonly Part[]
    }

type Policy = Pick<EventSourceMappingSettings, 'bisectOnError' | 'maxRetries'>

/**
 * Decides what follows from the outcome of invoking the first part.
 *
 * With bisect, a part that failed is cut in half, one that reported a failed record is cut there; a cut
 * costs no retry. Otherwise what is left is retried, and discarded together once the retries are used
 * up. Progress starts the count anew, so that every record gets its full number of retries.
 */
export function decide(part: Part, rest: readonly Part[], verdict: Outcome, policy: Policy): Decision {
  const invocations = part.invocations + 1
  switch (verdict.type) {
    case 'success':
      return { type: 'advance', done: part.records, rest }
    case 'partial': {
      const done = part.records.slice(0, verdict.index)
      const left = { records: part.records.slice(verdict.index), failures: 0, invocations }
      if (policy.bisectOnError) return { type: 'retry', done, rest: [left, ...rest] }
      return retryOrGiveUp({ ...left, failures: 1 }, { done, rest, policy })
    }
    case 'failure': {
      if (!policy.bisectOnError || part.records.length === 1) {
        const left = { ...part, failures: part.failures + 1, invocations }
        return retryOrGiveUp(left, { done: [], rest, policy })
      }
      const middle = Math.ceil(part.records.length / 2)
      const halves = [part.records.slice(0, middle), part.records.slice(middle)]
      const parts = halves.map((records) => ({ records, failures: part.failures, invocations }))
      return { type: 'bisect', rest: [...parts, ...rest] }
    }
    default:
      return verdict satisfies never
  }
}

function retryOrGiveUp(
  left: Part,
  {
    done,
    rest,
    policy,
  }: { readonly done: readonly StoredRecord[]; readonly rest: readonly Part[]; readonly policy: Policy },
): Decision {
  return policy.maxRetries !== undefined && left.failures > policy.maxRetries
    ? { type: 'give-up', done, discarded: left, condition: 'RetryAttemptsExhausted', rest }
    : { type: 'retry', done, rest: [left, ...rest] }
}

/**
 * Gives up on the records at the beginning of the part that cannot be invoked any more: older than the
 * maximum age, or among the first `lost` ones, which the stream itself has dropped. `undefined` when there
 * is none. Records of a shard lie in the order of their arrival.
 */
export function expire(
  part: Part,
  rest: readonly Part[],
  options: { readonly now: number; readonly maxRecordAgeMs: number | undefined; readonly lost: number },
): Extract<Decision, { type: 'give-up' }> | undefined {
  const { now, maxRecordAgeMs = Infinity, lost } = options
  const young = part.records.findIndex(
    (record, index) => index >= lost && now - record.arrivedAt <= maxRecordAgeMs,
  )
  if (young === 0) return undefined
  const cut = young === -1 ? part.records.length : young
  const left = { ...part, records: part.records.slice(cut), failures: 0 }
  return {
    type: 'give-up',
    done: [],
    discarded: { ...part, records: part.records.slice(0, cut) },
    condition: 'RecordAgeExceeded',
    rest: left.records.length === 0 ? rest : [left, ...rest],
  }
}
