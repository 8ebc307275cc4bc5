import { join } from 'node:path'

import { symbolNames } from '../../../feed/symbols.ts'
import { onInterrupt } from '../../terminal/interrupt.ts'
import { openScreen } from '../../terminal/screen.ts'
import { inThrowAwayFolder } from '../../terminal/throw-away-folder.ts'
import { strike } from './balance.ts'
import { judge } from './outside/judge.ts'
import { Recorder } from './outside/recorder.ts'
import { mountOwnDisk, type OwnDisk } from './own-disk.ts'
import { type Kind, makePlan } from './plan.ts'
import { printBalance, printJudgement } from './report.ts'
import { Supervisor } from './supervisor.ts'
import { underFaults } from './under-faults.ts'

export type ChaosOptions = {
  readonly minutes: number
  /** @default chosen at random, and printed */
  readonly seed?: number
  readonly symbols: number
  readonly clients: number
  /** Where what producers and clients saw is kept. @default nowhere */
  readonly history?: string
}

/** Trades begin so long before now that, at the speed of the producer, they never reach it. */
const SPEED = 30
const ROUND_SECONDS = 3

/** What a deployment takes at first, and in a minute at most. */
const DISK_MB = 400
const DISK_MB_PER_MINUTE = 10

/**
 * Kills and freezes the parts of a throw-away deployment, fills its disk and puts its clocks wrong while trades flow; accounts for
 * everything at the end, and judges it by what its producer and clients saw.
 */
export async function chaos(options: ChaosOptions): Promise<number> {
  const { seed = Math.floor(Math.random() * 2 ** 31), minutes } = options
  const screen = openScreen()
  const signal = onInterrupt(() =>
    screen.print('stopping; the balance comes first (Ctrl-C again: stop at once)'),
  )
  const recorder = new Recorder(options.history)
  return await inThrowAwayFolder('chaos', async (folder) => {
    const size = Math.ceil(DISK_MB + DISK_MB_PER_MINUTE * minutes)
    return await onOwnDisk(folder, size, async (data, disk) => {
      const without: readonly Kind[] = disk === undefined ? ['fill-disk'] : []
      const steps = makePlan({ seed, milliseconds: minutes * 60_000, without })
      screen.print(`seed ${seed}: ${steps.length} faults in ${minutes} minutes`)
      if (disk === undefined)
        screen.print('the disk is not filled: only root on Linux can mount one of its own')
      const supervisor = new Supervisor(data, disk)
      screen.status('starting ...')
      const started = await supervisor.start()
      try {
        const market = {
          symbols: symbolNames(options.symbols),
          begin: Math.floor(Date.now() / 1000 - minutes * 60 * SPEED) - 3600,
          roundSeconds: ROUND_SECONDS,
          trades: [1, 4],
        } as const
        const evidence = await underFaults(
          { supervisor, started, screen, signal },
          {
            seed,
            steps,
            market,
            recorder,
            milliseconds: minutes * 60_000,
            roundMs: (ROUND_SECONDS * 1000) / SPEED,
            afterOutage: 'go on',
            clients: options.clients,
          },
        )
        screen.end()
        const isEven = printBalance(strike(evidence), screen)
        screen.print(['', 'by what producers and clients saw:'])
        const isClean = printJudgement(judge(recorder.events), screen)
        if (!isEven || !isClean) screen.print(`repeat the plan with --seed ${seed}`)
        return isEven && isClean ? 0 : 1
      } finally {
        recorder.close()
        await supervisor.stop()
      }
    })
  })
}

/** Gives `work` a folder for data, on a disk of its own where one can be made. */
async function onOwnDisk<Result>(
  folder: string,
  megabytes: number,
  work: (data: string, disk: OwnDisk | undefined) => Promise<Result>,
): Promise<Result> {
  const mounted = join(folder, 'disk')
  const disk = mountOwnDisk(mounted, megabytes)
  const unmount = (): void => disk?.unmount()
  // The folder is removed at the exit, too, and cannot be while something is mounted in it.
  process.prependOnceListener('exit', unmount)
  try {
    return await work(mounted, disk)
  } finally {
    process.off('exit', unmount)
    unmount()
  }
}
