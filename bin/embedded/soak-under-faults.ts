import { setTimeout as wait } from 'node:timers/promises'

import { symbolNames } from '../../feed/symbols.ts'
import { openScreen, type Screen } from '../terminal/screen.ts'
import { onInterrupt } from '../terminal/interrupt.ts'
import { strike } from './chaos/balance.ts'
import { makePlan } from './chaos/plan.ts'
import { printBalance } from './chaos/report.ts'
import { Supervisor } from './chaos/supervisor.ts'
import { underFaults } from './chaos/under-faults.ts'
import type { SoakOptions } from './soak.ts'
import { HEADER, sampleLine, type Sampled, takeSample } from './soak-sample.ts'
import { growing, type Sample } from './soak-verdict.ts'

const MEAN_GAP_MS = 30_000
/** Trades of now are taken for ones of the future by a part whose clock is a minute behind. */
const MOST_JUMP_MS = 30_000
const CLIENTS = 5
const RETRY_MS = 250

/** Soaks a deployment that is a process of its own, among faults; in the end the balance of all trades comes first. */
export async function soakUnderFaults(data: string, options: SoakOptions): Promise<number> {
  const { seed = Math.floor(Math.random() * 2 ** 31), minutes, symbols, rate } = options
  const screen = openScreen()
  const signal = onInterrupt(() =>
    screen.print('stopping; the balance comes first (Ctrl-C again: stop at once)'),
  )
  const milliseconds = minutes * 60_000
  // One process is to live for all of it: what it gathers would start anew with the next.
  const steps = makePlan({
    seed,
    milliseconds,
    meanGapMs: MEAN_GAP_MS,
    mostJumpMs: MOST_JUMP_MS,
    without: ['kill-runtime', 'fill-disk'],
  })
  screen.print(`seed ${seed}: ${steps.length} faults in ${minutes} minutes`)
  const supervisor = new Supervisor(data)
  screen.status('starting ...')
  const started = await supervisor.start()
  const ending = new AbortController()
  try {
    screen.print(HEADER)
    const { readOnlyUrl } = started
    const sampling = takeSamples(
      { pid: supervisor.pid, data, readOnlyUrl },
      { ...options, screen, signal: ending.signal },
    )
    const evidence = await underFaults(
      { supervisor, started, screen, signal },
      {
        seed,
        steps,
        milliseconds,
        market: {
          symbols: symbolNames(symbols),
          begin: Math.floor(Date.now() / 1000),
          roundSeconds: 1,
          trades: [rate, rate],
        },
        roundMs: 1000,
        afterOutage: 'catch up',
        clients: CLIENTS,
      },
    )
    ending.abort()
    const grown = growing(await sampling)
    screen.end()
    const isEven = printBalance(strike(evidence), screen)
    for (const what of grown) screen.print(`${what} grows`)
    if (!isEven) screen.print(`repeat the plan with --seed ${seed}`)
    return isEven && grown.length === 0 ? 0 : 1
  } finally {
    ending.abort()
    await supervisor.stop()
  }
}

async function takeSamples(
  sampled: Sampled,
  {
    every,
    screen,
    signal,
  }: Pick<SoakOptions, 'every'> & { readonly screen: Screen; readonly signal: AbortSignal },
): Promise<Sample[]> {
  const samples: Sample[] = []
  const begin = performance.now()
  for (;;) {
    await wait(every * 1000, undefined, { signal }).catch(() => undefined)
    if (signal.aborted) return samples
    const { sample, bars } = await sampleAmongFaults(sampled)
    samples.push(sample)
    screen.print(sampleLine((performance.now() - begin) / 60_000, sample, bars))
  }
}

/** Postgres may just have been killed. */
async function sampleAmongFaults(sampled: Sampled): ReturnType<typeof takeSample> {
  for (;;)
    try {
      return await takeSample(sampled)
    } catch {
      await wait(RETRY_MS)
    }
}
