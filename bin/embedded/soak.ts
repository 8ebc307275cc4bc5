import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

import { symbolNames } from '../../feed/symbols.ts'
import { createKinesisClient, kinesisPort } from '../../feed/kinesis-client.ts'
import { onInterrupt } from '../terminal/interrupt.ts'
import { openScreen } from '../terminal/screen.ts'
import { startDeployment } from './deployment.ts'
import { FigureReader } from './figures.ts'
import { logFunctions } from './function-log.ts'
import { LIVE_AGE } from './play-feed.ts'
import { putTicks } from './put-ticks.ts'
import { HEADER, sampleLine, takeSample } from './soak-sample.ts'
import { soakUnderFaults } from './soak-under-faults.ts'
import { growing, type Sample } from './soak-verdict.ts'
import { inThrowAwayFolder } from '../terminal/throw-away-folder.ts'

export type SoakOptions = {
  readonly minutes: number
  /** Seconds between two lines. */
  readonly every: number
  readonly symbols: number
  /** Ticks per symbol and second. */
  readonly rate: number
  /** Kills and freezes parts meanwhile, and accounts for every trade. @default off */
  readonly faults?: boolean
  /** Of the faults. @default chosen at random, and printed */
  readonly seed?: number
}

/** Runs a live feed into a throw-away deployment, shows what it takes, and fails when what should not grow does. */
export async function soak(options: SoakOptions): Promise<number> {
  const work = options.faults === true ? soakUnderFaults : soakIn
  return await inThrowAwayFolder('soak', (data) => work(data, options))
}

async function soakIn(data: string, options: SoakOptions): Promise<number> {
  const screen = openScreen()
  const figures = new FigureReader()
  const signal = onInterrupt(() => screen.print('stopping (Ctrl-C again: stop at once)'))
  const deployment = await startDeployment({
    data,
    onProgress: (doing) => screen.status(`${doing} ...`),
    onLog: logFunctions(join(data, 'functions.log'), { figures, screen }),
  })
  const ending = new AbortController()
  try {
    const feeding = putTicks({
      kinesis: kinesisPort(createKinesisClient(deployment.runtime.environment)),
      stream: deployment.ticksStream,
      market: { symbols: symbolNames(options.symbols), interval: 1 / options.rate, seed: 1 },
      start: Date.now(),
      pace: 'live',
      ...LIVE_AGE,
      file: join(data, 'fed-until'),
      signal: ending.signal,
    })
    screen.print(HEADER)
    const samples: Sample[] = []
    const begin = performance.now()
    while (!signal.aborted && performance.now() - begin < options.minutes * 60_000) {
      await wait(options.every * 1000, undefined, { signal }).catch(() => undefined)
      const { sample, bars } = await takeSample({
        pid: process.pid,
        data,
        readOnlyUrl: deployment.readOnlyUrl,
      })
      samples.push(sample)
      screen.print(sampleLine((performance.now() - begin) / 60_000, sample, bars))
    }
    ending.abort()
    await feeding
    const grown = growing(samples)
    for (const what of grown) screen.print(`${what} grows`)
    return grown.length === 0 ? 0 : 1
  } finally {
    ending.abort()
    await deployment.stop()
  }
}
