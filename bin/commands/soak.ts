import { Command } from 'commander'

import type { SoakOptions } from '../embedded/soak.ts'
import { action } from '../terminal/action.ts'
import { decimal, wholeNumber } from '../terminal/arguments.ts'

export const soak = new Command('soak')
  .description(
    'run a throw-away deployment for a long time, and show whether its memory, its open files and its folders grow',
  )
  .option('--minutes <minutes>', 'duration', decimal(0.1, 100_000), 60)
  .option('--every <seconds>', 'seconds between two lines', wholeNumber(1, 3600), 60)
  .option('--symbols <count>', 'symbols', wholeNumber(1, 10_000), 70)
  .option('--rate <ticks>', 'ticks per symbol and second', wholeNumber(1, 1000), 1)
  .option('--faults', 'kill and freeze parts meanwhile, and account for every trade at the end')
  .option('--seed <number>', 'seed of the faults (default: a new one)', wholeNumber(0, 2 ** 31))
  .action(
    action(async (options: SoakOptions) => (await import('../embedded/soak.ts')).soak(options), {
      data: 'thrown-away',
    }),
  )
