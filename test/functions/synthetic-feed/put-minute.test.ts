import { describe, expect, it } from 'vitest'

import { putMinute } from '../../../functions/synthetic-feed/put-minute.ts'
import { fakeKinesis } from '../../feed/fake-kinesis.ts'
import { parseRecord } from '../../feed/stream-harness.ts'

const NOW = Date.parse('2025-11-10T14:31:00.412Z')

async function put(symbols: number, now = NOW) {
  const stream = fakeKinesis('ticks')
  const count = await putMinute({ kinesis: stream.kinesis, stream: 'ticks', symbols }, now)
  return { count, records: stream.read().map(parseRecord) }
}

describe('the synthetic feed on AWS', () => {
  it('puts a tick per symbol and second of the minute before', async () => {
    const { count, records } = await put(3)
    expect(count).toBe(180)
    const times = records.flatMap(({ ticks }) => ticks.map(({ timestamp }) => Number(timestamp) * 1000))
    expect(times).toHaveLength(180)
    expect(Math.min(...times)).toBeGreaterThanOrEqual(Date.parse('2025-11-10T14:30:00Z'))
    expect(Math.max(...times)).toBeLessThan(Date.parse('2025-11-10T14:31:00Z'))
  })

  it('puts the very same records when it is called again for the same minute', async () => {
    expect(await put(3)).toEqual(await put(3, NOW + 20_000))
  })

  it('numbers a later minute above an earlier one', async () => {
    const [first] = (await put(1)).records
    const [next] = (await put(1, NOW + 60_000)).records
    expect(next?.sequence).toBeGreaterThan(first?.sequence ?? Infinity)
  })
})
