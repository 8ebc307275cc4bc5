import { setTimeout as wait } from 'node:timers/promises'

import { S3Client } from '@aws-sdk/client-s3'
import * as z from 'zod'

import { createKinesisClient, kinesisPort } from '../../../feed/kinesis-client.ts'
import { symbolNames } from '../../../feed/symbols.ts'
import { connected } from '../../stage/connected.ts'
import { openBucket } from '../../../functions/shared/dead-letters/bucket.ts'
import { readStoredBars } from '../../stage/verify/stored-bars.ts'
import { onInterrupt } from '../../terminal/interrupt.ts'
import { count, openScreen, type Screen } from '../../terminal/screen.ts'
import { inThrowAwayFolder } from '../../terminal/throw-away-folder.ts'
import { type Balance, type Evidence, strike } from './balance.ts'
import { type Clients, startClients } from './clients.ts'
import { describeAction, makePlan, type Step } from './plan.ts'
import { type Acknowledged, produce } from './producer.ts'
import { sentBarsSchema, type Started } from './protocol.ts'
import { revisionKey, untoldGaps } from './sessions.ts'
import { Supervisor } from './supervisor.ts'

export type ChaosOptions = {
  readonly minutes: number
  /** @default chosen at random, and printed */
  readonly seed?: number
  readonly symbols: number
  readonly clients: number
}

/** Trades begin so long before now that, at the speed of the producer, they never reach it. */
const SPEED = 30
/** How long clients are waited for that were not sent everything. */
const LAST_MESSAGES_MS = 10_000
const FAULTS_SHOWN = 20

/** Kills and freezes the parts of a throw-away deployment while trades flow, and accounts for everything at the end. */
export async function chaos(options: ChaosOptions): Promise<number> {
  const { seed = Math.floor(Math.random() * 2 ** 31), minutes } = options
  const screen = openScreen()
  const signal = onInterrupt(() =>
    screen.print('stopping; the balance comes first (Ctrl-C again: stop at once)'),
  )
  const steps = makePlan({ seed, milliseconds: minutes * 60_000 })
  screen.print(`seed ${seed}: ${steps.length} kills, freezes and reshards in ${minutes} minutes`)
  return await inThrowAwayFolder('chaos', async (data) => {
    const supervisor = new Supervisor(data)
    screen.status('starting ...')
    const started = await supervisor.start()
    try {
      const evidence = await run({ supervisor, started, screen, signal }, { ...options, seed, steps })
      screen.end()
      return print(strike(evidence), seed, screen)
    } finally {
      await supervisor.stop()
    }
  })
}

type Running = {
  readonly supervisor: Supervisor
  readonly started: Started
  readonly screen: Screen
  readonly signal: AbortSignal
}
type RunOptions = Omit<ChaosOptions, 'seed'> & { readonly seed: number; readonly steps: readonly Step[] }

async function run(running: Running, options: RunOptions): Promise<Evidence> {
  const { supervisor, started, screen } = running
  const symbols = symbolNames(options.symbols)
  const clients = await startClients(started, { subscriptions: subscriptionsOf(symbols, options.clients) })
  try {
    const ending = new AbortController()
    const producing = produce(
      {
        kinesis: kinesisPort(createKinesisClient({ AWS_ENDPOINT_URL: started.endpoint })),
        stream: started.ticksStream,
        symbols,
        seed: options.seed,
        begin: Math.floor(Date.now() / 1000 - options.minutes * 60 * SPEED) - 3600,
      },
      ending.signal,
    )
    await carryOut(running, options)
    ending.abort()
    const acknowledged = await producing
    screen.status('waiting for the last bars ...')
    await supervisor.ask({ type: 'finish' })
    return await gather({ supervisor, started }, { acknowledged, clients })
  } finally {
    await clients.stop()
  }
}

/** The first client takes every symbol, the others a few of them each. */
function subscriptionsOf(symbols: readonly string[], clients: number): string[][] {
  return Array.from({ length: clients }, (_, client) =>
    symbols.filter((_symbol, index) => client === 0 || index % clients === client),
  )
}

/** Carries out the plan, and waits for its end. */
async function carryOut(
  { supervisor, screen, signal }: Running,
  { steps, minutes }: Pick<RunOptions, 'steps' | 'minutes'>,
): Promise<void> {
  const begin = performance.now()
  const until = (atMs: number): Promise<unknown> =>
    wait(Math.max(0, begin + atMs - performance.now()), undefined, { signal }).catch(() => undefined)
  for (const { atMs, action } of steps) {
    await until(atMs)
    if (signal.aborted) return
    screen.print(`${(atMs / 1000).toFixed(1).padStart(6)} s  ${describeAction(action)}`)
    await supervisor.carryOut(action)
  }
  await until(minutes * 60_000)
}

const keysSchema = z.array(z.object({ symbol: z.string(), timestamp: z.string(), revision: z.int() }))
const REVISIONS = `
  SELECT symbol, to_char(timestamp AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS timestamp, revision
  FROM (SELECT symbol, timestamp, revision FROM ohlcv_1min
        UNION ALL SELECT symbol, timestamp, revision FROM bar_revisions) AS written`

async function gather(
  { supervisor, started }: Pick<Running, 'supervisor' | 'started'>,
  { acknowledged, clients }: { readonly acknowledged: Acknowledged; readonly clients: Clients },
): Promise<Evidence> {
  const sent = sentBarsSchema.parse(await supervisor.ask({ type: 'read-bars' }))
  await untilSent(clients, sent)
  const s3 = new S3Client({
    endpoint: started.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    forcePathStyle: true,
  })
  return await connected(started.readOnlyUrl, async (client) => ({
    acknowledged,
    stored: await readStoredBars(client, 0, Math.floor(Date.now() / 1000)),
    storedRevisions: new Set(keysSchema.parse((await client.query(REVISIONS)).rows).map(revisionKey)),
    sent,
    sessions: clients.sessions,
    deadLetters: await openBucket(s3, started.deadLetterBucket).keys(),
  }))
}

/** What was posted last may still be on its way to the clients. */
async function untilSent({ sessions }: Clients, sent: Evidence['sent']): Promise<void> {
  const deadline = performance.now() + LAST_MESSAGES_MS
  const isBehind = (): boolean =>
    sessions.some((own) => own.some((session) => session.isOpen && untoldGaps(session, sent).length > 0))
  while (isBehind() && performance.now() < deadline) await wait(50)
}

function print(balance: Balance, seed: number, screen: Screen): number {
  const rows: readonly (readonly [name: string, value: number, aim?: number])[] = [
    ['trades acknowledged', balance.acknowledged],
    ['trades in bars', balance.inBars, balance.acknowledged],
    ['trades lost', balance.lost, 0],
    ['trades doubled', balance.doubled, 0],
    ['bars', balance.bars],
    ['bars that differ', balance.wrongBars, 0],
    ['revisions sent', balance.revisions],
    ['revisions missing', balance.revisionsMissing, 0],
    ['WebSocket clients', balance.clients],
    ['WebSocket connections', balance.connections],
    ['clients not told of a gap', balance.clientsNotTold, 0],
    ['dead letters', balance.deadLetters, 0],
  ]
  const { faults } = balance
  for (const fault of faults.slice(0, FAULTS_SHOWN)) screen.print(fault)
  if (faults.length > FAULTS_SHOWN) screen.print(`... and ${count(faults.length - FAULTS_SHOWN)} more`)
  for (const [name, value, aim] of rows)
    screen.print(
      `${name.padEnd(28)} ${count(value).padStart(10)}${aim === undefined ? '' : ` aim ${count(aim)}`}`,
    )
  const isOff = rows.some(([, value, aim]) => aim !== undefined && value !== aim)
  if (isOff) screen.print(`repeat the plan with --seed ${seed}`)
  return isOff ? 1 : 0
}
