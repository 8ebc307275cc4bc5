import { Command } from 'commander'

import type { ChaosOptions } from '../embedded/chaos/chaos.ts'
import { action } from '../terminal/action.ts'
import { decimal, wholeNumber } from '../terminal/arguments.ts'

export const chaos = new Command('chaos')
  .description(
    'kill and freeze the parts of a throw-away deployment, and account for every trade and revision',
  )
  .option('--minutes <minutes>', 'duration', decimal(0.1, 1440), 10)
  .option('--seed <number>', 'seed of the plan and the trades (default: a new one)', wholeNumber(0, 2 ** 31))
  .option('--symbols <count>', 'symbols', wholeNumber(1, 1000), 20)
  .option('--clients <count>', 'WebSocket clients', wholeNumber(1, 100), 5)
  .action(
    action(async (options: ChaosOptions) => (await import('../embedded/chaos/chaos.ts')).chaos(options), {
      data: 'thrown-away',
    }),
  )
