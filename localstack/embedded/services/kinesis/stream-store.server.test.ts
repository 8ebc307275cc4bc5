import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { openStreamStore } from './stream-store.ts'

const acknowledged = z.array(z.object({ shardId: z.string(), sequenceNumber: z.string() }))

test('holds every acknowledged record after the process was killed with SIGKILL', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kinesis-kill-'))
  const puts: z.infer<typeof acknowledged> = []
  for (let round = 0; round < 3; round++) {
    const child = fork(new URL('./put-until-killed.ts', import.meta.url), [folder])
    const exited = once(child, 'exit')
    let batches = 0
    child.on('message', (message) => {
      puts.push(...acknowledged.parse(message))
      if (++batches === 20) child.kill('SIGKILL')
    })
    expect(await exited).toEqual([null, 'SIGKILL'])
  }
  const store = openStreamStore({ folder })
  const kept = store
    .listShards('ticks')
    .flatMap(({ shardId }) =>
      store
        .read('ticks', shardId, { afterSequenceNumber: undefined, limit: 10_000 })
        .map(({ sequenceNumber }) => `${shardId} ${sequenceNumber}`),
    )
  store.close()
  rmSync(folder, { recursive: true })
  const expected = puts.map(({ shardId, sequenceNumber }) => `${shardId} ${sequenceNumber}`)
  expect(expected.length).toBeGreaterThanOrEqual(3 * 20 * 25)
  expect(new Set(expected).size).toBe(expected.length)
  expect(kept).toEqual(expect.arrayContaining(expected))
})
