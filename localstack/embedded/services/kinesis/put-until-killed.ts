import { openStreamStore } from './stream-store.ts'

/** Run as a child process: puts batches into the folder given, and tells its parent what was acknowledged. */
const [, , folder = ''] = process.argv
const store = openStreamStore({ folder })
store.ensureStream({ name: 'ticks', shardCount: 2, retentionHours: 24 })
const entries = Array.from({ length: 25 }, (_, index) => ({
  partitionKey: `key ${index}`,
  data: new Uint8Array(500),
}))
function putNext() {
  process.send?.(store.putRecords('ticks', entries))
  setImmediate(putNext)
}
putNext()
