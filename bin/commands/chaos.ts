import { Command } from 'commander'

import type { ChaosOptions } from '../embedded/chaos/chaos.ts'
import { action } from '../terminal/action.ts'
import { decimal, wholeNumber } from '../terminal/arguments.ts'

export const chaos = new Command('chaos')
  .description(
    'kill and freeze the parts of a throw-away deployment, fill its disk, put its clocks wrong, account for every trade and revision, and judge it by what clients saw',
  )
  .option('--minutes <minutes>', 'duration', decimal(0.1, 1440), 10)
  .option('--seed <number>', 'seed of the plan and the trades (default: a new one)', wholeNumber(0, 2 ** 31))
  .option('--symbols <count>', 'symbols', wholeNumber(1, 500), 20)
  .option('--clients <count>', 'WebSocket clients', wholeNumber(1, 100), 5)
  .option('--history <file>', 'keep what producers and clients saw, as NDJSON')
  .option('--judge <file>', 'do nothing but judge a history again that --history has kept')
  .action(
    action(
      async ({ judge, ...options }: ChaosOptions & { readonly judge?: string }) => {
        if (judge !== undefined) return (await import('../embedded/chaos/judge-file.ts')).judgeFile(judge)
        return (await import('../embedded/chaos/chaos.ts')).chaos(options)
      },
      { data: 'thrown-away' },
    ),
  )
