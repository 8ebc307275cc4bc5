import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decide, expire, type Part } from './decide.ts'
import type { Outcome } from './outcome.ts'
import { storedRecords } from './stored-records.ts'

const records = storedRecords(5)
const part: Part = { records, failures: 0, invocations: 0 }
const later: Part = { records: storedRecords(1), failures: 0, invocations: 0 }
const plain = { bisectOnError: false, maxRetries: 1 }
const bisecting = { bisectOnError: true, maxRetries: 1 }

test('success settles the part and goes on with the rest', () => {
  expect(decide(part, [later], { type: 'success' }, plain)).toEqual({
    type: 'advance',
    done: records,
    rest: [later],
  })
})

test('a failure is retried whole, until the retries are used up', () => {
  const first = decide(part, [later], { type: 'failure' }, plain)
  const again = { records, failures: 1, invocations: 1 }
  expect(first).toEqual({ type: 'retry', done: [], rest: [again, later] })
  expect(decide(again, [later], { type: 'failure' }, plain)).toEqual({
    type: 'give-up',
    done: [],
    discarded: { records, failures: 2, invocations: 2 },
    condition: 'RetryAttemptsExhausted',
    rest: [later],
  })
})

test('without a limit a failure is retried for ever', () => {
  const worn = { ...part, failures: 1_000_000 }
  const decision = decide(worn, [], { type: 'failure' }, { bisectOnError: false, maxRetries: undefined })
  expect(decision.type).toBe('retry')
})

test('a partial failure settles what came before, and retries from there with a new count', () => {
  expect(decide({ ...part, failures: 1 }, [], { type: 'partial', index: 2 }, plain)).toEqual({
    type: 'retry',
    done: records.slice(0, 2),
    rest: [{ records: records.slice(2), failures: 1, invocations: 1 }],
  })
})

test('without retries a partial failure discards what is left', () => {
  expect(
    decide(part, [], { type: 'partial', index: 2 }, { bisectOnError: false, maxRetries: 0 }),
  ).toMatchObject({
    type: 'give-up',
    done: records.slice(0, 2),
    discarded: { records: records.slice(2) },
  })
})

describe('with bisect', () => {
  test('a failure is cut in half, which costs no retry', () => {
    expect(decide(part, [later], { type: 'failure' }, bisecting)).toEqual({
      type: 'bisect',
      rest: [
        { records: records.slice(0, 3), failures: 0, invocations: 1 },
        { records: records.slice(3), failures: 0, invocations: 1 },
        later,
      ],
    })
  })

  test('a partial failure is cut at the reported record, which costs no retry', () => {
    expect(decide(part, [], { type: 'partial', index: 4 }, { bisectOnError: true, maxRetries: 0 })).toEqual({
      type: 'retry',
      done: records.slice(0, 4),
      rest: [{ records: records.slice(4), failures: 0, invocations: 1 }],
    })
  })

  test('a single record is retried and then discarded', () => {
    const single = { records: records.slice(0, 1), failures: 1, invocations: 4 }
    expect(decide(single, [later], { type: 'failure' }, bisecting)).toMatchObject({
      type: 'give-up',
      rest: [later],
    })
  })
})

describe('age', () => {
  test('the records that are too old are discarded, the others stay', () => {
    expect(expire(part, [later], { now: 1_002, maxRecordAgeMs: 1_000, lost: 0 })).toMatchObject({
      type: 'give-up',
      condition: 'RecordAgeExceeded',
      discarded: { records: records.slice(0, 2) },
      rest: [{ records: records.slice(2) }, later],
    })
  })

  test('the records that the stream has dropped are discarded', () => {
    expect(expire(part, [later], { now: 0, maxRecordAgeMs: undefined, lost: 5 })).toMatchObject({
      discarded: { records },
      rest: [later],
    })
  })

  test('nothing is discarded while it is young', () => {
    expect(expire(part, [], { now: 1_000, maxRecordAgeMs: 1_000, lost: 0 })).toBeUndefined()
  })
})

test('every record is settled exactly once and in order, whatever the function answers', () => {
  const answers = fc.infiniteStream(fc.oneof(fc.constant('success'), fc.constant('failure'), fc.nat(20)))
  const policies = fc.record({
    bisectOnError: fc.boolean(),
    maxRetries: fc.integer({ min: 0, max: 3 }),
    maxRecordAgeMs: fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined }),
  })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), policies, answers, (count, policy, answer) => {
      const all = storedRecords(count)
      const settled: string[] = []
      let parts: readonly Part[] = [{ records: all, failures: 0, invocations: 0 }]
      let invocations = 0
      for (let now = 0; parts.length > 0; now++) {
        const [head, ...rest] = parts
        if (head === undefined) break
        const decision =
          expire(head, rest, { now, maxRecordAgeMs: policy.maxRecordAgeMs, lost: 0 }) ??
          decide(head, rest, verdictOf(answer.next().value, head), policy)
        invocations++
        if (decision.type !== 'bisect') settled.push(...decision.done.map((record) => record.sequenceNumber))
        if (decision.type === 'give-up') {
          expect(decision.discarded.records.length).toBeGreaterThan(0)
          settled.push(...decision.discarded.records.map((record) => record.sequenceNumber))
        }
        parts = decision.rest
      }
      expect(settled).toEqual(all.map((record) => record.sequenceNumber))
      // A batch of n is cut at most n - 1 times; then each record has its attempts.
      expect(invocations).toBeLessThanOrEqual(2 * count * (policy.maxRetries + 2))
    }),
    { numRuns: 500 },
  )
})

function verdictOf(answer: string | number, { records: given }: Part): Outcome {
  if (typeof answer === 'number') {
    const index = answer % given.length
    return index === 0 ? { type: 'failure' } : { type: 'partial', index }
  }
  return answer === 'success' ? { type: 'success' } : { type: 'failure' }
}
