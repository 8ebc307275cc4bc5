import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { startKinesisServer } from 'embedded-aws/services'
import { expect, it, onTestFinished } from 'vitest'

import type { StreamJump } from '../../../../bin/embedded/chaos/protocol.ts'
import { aheadAt, jumpStreamClock } from '../../../../bin/embedded/chaos/stream-clock.ts'

const STREAM = 'bars'

async function openStreams() {
  const folder = mkdtempSync(join(tmpdir(), 'jumping-stream-'))
  const begin = Date.parse('2026-01-05T14:30:00Z')
  const server = await startKinesisServer({ folder, now: () => begin })
  onTestFinished(async () => {
    await server.close()
    rmSync(folder, { recursive: true })
  })
  const { store } = server
  store.createStream({ name: STREAM, shardCount: 2, retentionHours: 24 })
  return { store, begin }
}

it('the true arrival of every record follows from what was noted of the jumps, on all shards', async () => {
  const { store, begin } = await openStreams()
  const put = (): void => {
    const entries = Array.from({ length: 20 }, (_, key) => ({
      partitionKey: String(key),
      data: Buffer.from('bar'),
    }))
    store.putRecords(STREAM, entries)
  }
  const clocked = { streams: store, setStreamClock: (aheadMs: number) => store.setClock(aheadMs) }
  put()
  const jumps: StreamJump[] = []
  for (const aheadMs of [300_000, -1000]) {
    const jump = jumpStreamClock(clocked, STREAM, { aheadMs, forMs: 1 })
    put()
    jumps.push(await jump)
    put()
  }
  const arrivals = store.listShards(STREAM).flatMap(({ shardId }) =>
    store
      .read(STREAM, shardId, { afterSequenceNumber: undefined, limit: 1000 })
      .map(({ arrivedAt, sequenceNumber }) => ({
        told: arrivedAt - begin,
        true: arrivedAt - begin - aheadAt(jumps, { shardId, sequenceNumber }),
      })),
  )
  expect(arrivals).toHaveLength(100)
  expect(new Set(arrivals.map(({ told }) => told))).toEqual(new Set([0, 300_000, -1000]))
  expect(new Set(arrivals.map((each) => each.true))).toEqual(new Set([0]))
})
