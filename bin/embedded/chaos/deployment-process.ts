/** A deployment as a process of its own, which does what it is told over IPC: `DATA PORT DATABASE_PORT`. */
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

import { messageOf } from 'embedded-aws/errors'
import { startPostgres } from 'embedded-aws/postgres'
import { Client } from 'pg'
import * as z from 'zod'

import { linesOf } from '../../../functions/shared/streams/lines.ts'
import { parseBarRecord } from '../../../functions/shared/streams/records.ts'
import { affinityOf } from '../affinity.ts'
import { startDeployment } from '../deployment.ts'
import { type Command, commandSchema, type Message, type SentBar, type StreamJump } from './protocol.ts'
import { aheadAt, jumpStreamClock } from './stream-clock.ts'

const [data = '', port = '0', databasePort = '0'] = process.argv.slice(2)
let lastError = 'none'
const deployment = await startDeployment({
  data,
  onLog: ({ functionName, text }) => {
    if (/^error |"level":"(ERROR|CRITICAL)"/.test(text)) lastError = `${functionName}: ${text.slice(0, 500)}`
  },
  port: Number(port),
  databasePort: Number(databasePort),
  affinity: affinityOf(process.env) ?? 'none',
  clocks: 'own',
})
const { runtime } = deployment
const streams = { ticks: deployment.ticksStream, bars: runtime.outputs['BarsStream'] ?? '' }
let { postgres } = deployment

function say(message: Message): void {
  process.send?.(message)
}

/** Does what it is told, and answers what it was asked for. */
async function carryOut(command: Command): Promise<SentBar[] | StreamJump | undefined> {
  switch (command.type) {
    case 'kill-workers':
      await runtime.killFunction(`tickstock-local-${command.part}`)
      break
    case 'kill-postgres':
      await killPostgres(command.forMs)
      break
    case 'freeze-postgres':
      await freezePostgres(command.forMs)
      break
    case 'jump-clock':
      await jumpClock(command)
      break
    case 'jump-stream-clock':
      return await jumpStreamClock(runtime, streams.bars, command)
    case 'reshard':
      reshard(streams[command.stream], command.share)
      break
    case 'finish':
      await deployment.flush()
      await runtime.idle()
      break
    case 'stop':
      await runtime.stop()
      await postgres.stop()
      break
    case 'read-bars':
      return readBars(command.jumps)
  }
  return undefined
}

async function killPostgres(forMs: number): Promise<void> {
  await postgres.stopAbruptly()
  await wait(forMs)
  postgres = await startPostgres({ folder: join(data, 'postgres'), port: postgres.port })
}

/** Its sessions stand still in whatever they do; new ones can be made. */
async function freezePostgres(forMs: number): Promise<void> {
  const client = new Client({ ...postgres.superuser, database: 'tickstock' })
  client.on('error', () => undefined)
  await client.connect()
  const { rows } = await client.query(
    `SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`,
  )
  await client.end()
  const sessions = z.array(z.object({ pid: z.int() })).parse(rows)
  for (const { pid } of sessions) signal(pid, 'SIGSTOP')
  await wait(forMs)
  for (const { pid } of sessions) signal(pid, 'SIGCONT')
}

/** Ahead or behind, and right again: of the two jumps one goes back. */
async function jumpClock({ part, aheadMs, forMs }: Extract<Command, { type: 'jump-clock' }>): Promise<void> {
  const name = `tickstock-local-${part}`
  runtime.setClock(name, aheadMs)
  await wait(forMs)
  runtime.setClock(name, 0)
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // The session has ended.
  }
}

const FEW_SHARDS = 2
const MANY_SHARDS = 6

function reshard(stream: string, share: number): void {
  const open = runtime.streams
    .describe(stream)
    .shards.filter(({ closedAt }) => closedAt === undefined)
    .toSorted((one, other) => (one.range.start < other.range.start ? -1 : 1))
  const isSplit = open.length <= FEW_SHARDS || (open.length < MANY_SHARDS && share < 0.5)
  const place = Math.floor(share * (isSplit ? open.length : open.length - 1))
  const [shard, next] = [open[place], open[place + 1]]
  if (shard === undefined) return
  const middle = (shard.range.start + shard.range.end + 1n) / 2n
  if (isSplit) runtime.streams.splitShard(stream, shard.shardId, middle)
  else if (next !== undefined) runtime.streams.mergeShards(stream, shard.shardId, next.shardId)
}

const PAGE = 1000

/** All bars that were put on the stream, in the order of their arrival. */
function readBars(jumps: readonly StreamJump[]): SentBar[] {
  const bars: SentBar[] = []
  for (const { shardId } of runtime.streams.listShards(streams.bars)) {
    let after: string | undefined
    for (;;) {
      const records = runtime.streams.read(streams.bars, shardId, { afterSequenceNumber: after, limit: PAGE })
      for (const { data: bytes, arrivedAt: told, sequenceNumber } of records) {
        const arrivedAt = told - aheadAt(jumps, { shardId, sequenceNumber })
        for (const text of linesOf(Buffer.from(bytes).toString())) {
          const { symbol, timestamp, revision } = parseBarRecord(text)
          bars.push({ symbol, timestamp, revision, arrivedAt })
        }
      }
      after = records.at(-1)?.sequenceNumber
      if (after === undefined) break
    }
  }
  return bars.toSorted((one, other) => one.arrivedAt - other.arrivedAt)
}

process.on('message', (raw) => {
  const command = commandSchema.parse(raw)
  void carryOut(command).then(
    (value) => say({ type: 'done', value }),
    (error: unknown) =>
      say({ type: 'failed', message: `${messageOf(error)}; the last error of a function: ${lastError}` }),
  )
})
process.once('disconnect', () => process.exit())
// Ctrl-C is for who has started it.
process.on('SIGINT', () => undefined)
say({
  type: 'started',
  started: {
    endpoint: runtime.endpoint,
    databasePort: postgres.port,
    readOnlyUrl: deployment.readOnlyUrl,
    ticksStream: deployment.ticksStream,
    webSocketUrl: deployment.webSocketUrl ?? '',
    apiUrl: deployment.api.url,
    apiKey: deployment.api.key,
    deadLetterBucket: runtime.outputs['DeadLetterBucket'] ?? '',
  },
})
