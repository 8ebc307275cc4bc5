import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { freePort } from '../http/free-port.ts'
import { waitFor } from './kinesis-client.ts'

/** Runs the npm package kinesis-local, an independent implementation, in a process of its own. */
export async function startKinesisLocal() {
  const main = createRequire(import.meta.url).resolve('kinesis-local')
  const [plain, tls] = await Promise.all([freePort(), freePort()])
  const child = spawn(process.execPath, [main], {
    cwd: dirname(main),
    stdio: 'ignore',
    env: {
      ...process.env,
      KINESIS_MOCK_PLAIN_PORT: String(plain),
      KINESIS_MOCK_TLS_PORT: String(tls),
      CREATE_STREAM_DURATION: '5ms',
      DELETE_STREAM_DURATION: '5ms',
      SPLIT_SHARD_DURATION: '5ms',
      MERGE_SHARDS_DURATION: '5ms',
      UPDATE_SHARD_COUNT_DURATION: '5ms',
      LOG_LEVEL: 'ERROR',
    },
  })
  const exited = once(child, 'exit')
  const endpoint = `http://127.0.0.1:${plain}`
  await waitFor('kinesis-local answers', async () => {
    const answer = await fetch(`${endpoint}/healthcheck`).catch(() => undefined)
    return answer?.ok ? true : undefined
  })
  return {
    endpoint,
    close: async () => {
      child.kill()
      await exited
    },
  }
}
