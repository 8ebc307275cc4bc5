import { setTimeout as wait } from 'node:timers/promises'

import { createKinesisClient, kinesisPort } from '../../../feed/kinesis-client.ts'
import type { Screen } from '../../terminal/screen.ts'
import type { Evidence } from './balance.ts'
import { startClients } from './clients.ts'
import { deadLetterBucket, gather } from './gather.ts'
import { observedAt, type Recorder } from './outside/recorder.ts'
import { readReports } from './outside/reports.ts'
import { readAll, startRestClients } from './outside/rest-clients.ts'
import { describeAction, type Step } from './plan.ts'
import { produce, type ProducerOptions } from './producer.ts'
import type { Started } from './protocol.ts'
import type { Supervisor } from './supervisor.ts'

/** A deployment under strain. */
export type Strained = {
  readonly supervisor: Supervisor
  readonly started: Started
  readonly screen: Screen
  /** Ends the plan early. */
  readonly signal: AbortSignal
}

export type StrainOptions = Pick<ProducerOptions, 'seed' | 'market' | 'roundMs' | 'afterOutage'> & {
  readonly steps: readonly Step[]
  readonly milliseconds: number
  /** WebSocket clients. */
  readonly clients: number
  /** Keeps what clients see, those over REST among them. @default there are none, and nothing is kept */
  readonly recorder?: Recorder
}

const REST_CLIENTS = 3

/** Carries out a plan while trades flow and clients look on, and gathers what has come of it once everything is done. */
export async function underFaults(strained: Strained, options: StrainOptions): Promise<Evidence> {
  const { supervisor, started, screen } = strained
  const { market, seed, recorder } = options
  const { symbols } = market
  const kept = recorder === undefined ? {} : { recorder }
  const clients = await startClients(started, {
    subscriptions: subscriptionsOf(symbols, options.clients),
    ...kept,
  })
  const readers = recorder && startRestClients(started, recorder, { symbols, seed, clients: REST_CLIENTS })
  try {
    const ending = new AbortController()
    const kinesis = kinesisPort(createKinesisClient({ AWS_ENDPOINT_URL: started.endpoint }))
    const producing = produce({ ...options, ...kept, kinesis, stream: started.ticksStream }, ending.signal)
    await carryOut(strained, options)
    ending.abort()
    const acknowledged = await producing
    screen.status('waiting for the last bars ...')
    await supervisor.ask({ type: 'finish' })
    recorder?.note({ type: 'settled', at: observedAt() })
    const evidence = await gather({ supervisor, started }, { acknowledged, clients })
    await readers?.stop()
    if (recorder !== undefined) await readTheEnd(started, recorder, market)
    return evidence
  } finally {
    await readers?.stop()
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
  { supervisor, screen, signal }: Strained,
  { steps, milliseconds, recorder }: StrainOptions,
): Promise<void> {
  const begin = performance.now()
  const until = (atMs: number): Promise<unknown> =>
    wait(Math.max(0, begin + atMs - performance.now()), undefined, { signal }).catch(() => undefined)
  for (const { atMs, action } of steps) {
    await until(atMs)
    if (signal.aborted) return
    const what = describeAction(action)
    screen.print(`${(atMs / 1000).toFixed(1).padStart(6)} s  ${what}`)
    const beganAt = observedAt()
    await supervisor.carryOut(action)
    recorder?.note({ type: 'fault', what, beganAt, endedAt: observedAt() })
  }
  await until(milliseconds)
}

/** Dead letters first: what they report need not be in bars. */
async function readTheEnd(
  started: Started,
  recorder: Recorder,
  { symbols, begin }: Pick<ProducerOptions['market'], 'symbols' | 'begin'>,
): Promise<void> {
  for (const report of await readReports(deadLetterBucket(started))) recorder.note(report)
  const iso = (seconds: number): string => new Date(seconds * 1000).toISOString()
  await readAll(started, recorder, { symbols, start: iso(begin - 60), end: iso(Date.now() / 1000) })
}
