import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openStreamStore } from '../kinesis/stream-store.ts'
import { openCheckpoints, parseEventSourceMappingSettings } from './event-source-mapping.ts'
import { createEventSourceMappings } from './event-source-mappings.ts'

test('a mapping that is left out does nothing, and nobody waits for it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mappings-'))
  const store = openStreamStore({ folder, now: Date.now })
  const checkpoints = openCheckpoints(folder)
  const invoked: string[] = []
  const mappings = createEventSourceMappings({
    reader: store,
    checkpoints,
    functions: {
      invoke: (functionName) => {
        invoked.push(functionName)
        return Promise.resolve({ type: 'success', requestId: '1', payload: undefined })
      },
    },
    buckets: { put: () => Promise.reject(new Error('nothing fails')) },
    onLog: () => undefined,
    now: Date.now,
    pollEveryMs: () => 0,
    isMapped: ({ functionName, streamName }) => functionName !== 'archiver' || streamName !== 'ticks',
  })
  try {
    store.createStream({ name: 'ticks', shardCount: 1, retentionHours: 24 })
    for (const functionName of ['aggregator', 'archiver'])
      mappings.add({
        name: functionName,
        streamName: 'ticks',
        streamArn: 'arn:aws:kinesis:eu-central-1:000000000000:stream/ticks',
        functionName,
        functionArn: `arn:aws:lambda:eu-central-1:000000000000:function:${functionName}`,
        settings: parseEventSourceMappingSettings(functionName, { StartingPosition: 'TRIM_HORIZON' }),
      })
    mappings.start()
    store.putRecords('ticks', [{ partitionKey: 'a', data: Buffer.from('a') }])
    await mappings.idle()
    expect(invoked).toEqual(['aggregator'])
  } finally {
    await mappings.stop()
    store.close()
    checkpoints.close()
    rmSync(folder, { recursive: true })
  }
})
