import { describe, expect, it } from 'vitest'

import {
  createFeatureFlags,
  FLAG_AGE_SECONDS,
  type ReadParameters,
  withFeatureFlag,
} from '../../../../functions/shared/runtime/feature-flags.ts'
import { kinesisRecord } from '../../../support/kinesis-event.ts'

/** A parameter store whose answer can be changed, with a clock, and what was logged. */
function harness(first: () => Readonly<Record<string, string>>) {
  const logged: string[] = []
  const asked: (readonly string[])[] = []
  let answer = first
  let time = 0
  const read: ReadParameters = async (names) => {
    asked.push(names)
    return answer()
  }
  const log = { error: (message: string) => void logged.push(message) }
  return {
    logged,
    asked,
    flags: createFeatureFlags('/t/flags', ['aggregation', 'analytics'], { log, read, now: () => time }),
    later: (next: () => Readonly<Record<string, string>>) => {
      answer = next
      time += FLAG_AGE_SECONDS * 1000
    },
  }
}

const away = (): never => {
  throw new Error('away')
}

describe('feature flags', () => {
  it('are read together, once in some seconds', async () => {
    const { flags, asked, later } = harness(() => ({
      '/t/flags/aggregation': 'off',
      '/t/flags/analytics': 'on',
    }))
    expect(await Promise.all([flags.get('aggregation'), flags.get('analytics')])).toEqual(['off', 'on'])
    expect(await flags.get('aggregation')).toBe('off')
    expect(asked).toEqual([['/t/flags/aggregation', '/t/flags/analytics']])
    later(() => ({ '/t/flags/aggregation': 'on', '/t/flags/analytics': 'on' }))
    expect(await flags.get('aggregation')).toBe('on')
    expect(asked).toHaveLength(2)
  })

  it('keep their last known value while they cannot be read, and say so', async () => {
    const { flags, logged, later } = harness(() => ({
      '/t/flags/aggregation': 'off',
      '/t/flags/analytics': 'on',
    }))
    await flags.get('aggregation')
    later(away)
    expect(await flags.get('aggregation')).toBe('off')
    expect(logged).toEqual(['the feature flags cannot be read; they keep their last values'])
  })

  it('are on when they could never be read, and are not asked for at every turn', async () => {
    const { flags, asked } = harness(away)
    expect(await flags.get('aggregation')).toBe('on')
    expect(await flags.get('analytics')).toBe('on')
    expect(asked).toHaveLength(1)
  })

  it('stay as they are when set to something else or deleted, and say which', async () => {
    const { flags, logged, later } = harness(() => ({
      '/t/flags/aggregation': 'off',
      '/t/flags/analytics': 'off',
    }))
    await flags.get('aggregation')
    later(() => ({ '/t/flags/aggregation': 'OFF' }))
    expect(await flags.get('aggregation')).toBe('off')
    expect(await flags.get('analytics')).toBe('off')
    expect(logged).toEqual([
      'the feature flag /t/flags/aggregation must be "on" or "off"; it keeps its last value',
      'the feature flag /t/flags/analytics must be "on" or "off"; it keeps its last value',
    ])
  })
})

describe('a consumer behind a flag', () => {
  const records = [1, 2].map((sequence) =>
    kinesisRecord({ data: '{}', partitionKey: 'A', sequence, arrivedAt: 0 }),
  )
  const consume = async (value: string) => {
    const { flags } = harness(() => ({ '/t/flags/aggregation': 'on', '/t/flags/analytics': value }))
    const handled: unknown[] = []
    const handler = withFeatureFlag(flags, 'analytics', async (event) => {
      handled.push(...event.Records)
      return { batchItemFailures: [] }
    })
    return { answer: await handler({ Records: records }), handled }
  }

  it('handles its batch while the flag is on', async () => {
    expect(await consume('on')).toEqual({ answer: { batchItemFailures: [] }, handled: records })
  })

  it('fails its batch at the first record while the flag is off, so that everything stays on the stream', async () => {
    expect(await consume('off')).toEqual({
      answer: { batchItemFailures: [{ itemIdentifier: records[0]?.kinesis.sequenceNumber }] },
      handled: [],
    })
  })
})
