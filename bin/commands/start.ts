import { Command } from 'commander'

import type { StartOptions } from '../embedded/start.ts'
import { DEFAULT_DATA } from '../stage/data-path.ts'
import { action } from '../terminal/action.ts'
import { positive, wholeNumber } from '../terminal/arguments.ts'

export const start = new Command('start')
  .description('run TickStock on this machine: history, then a live synthetic feed')
  .option('--symbols <count>', 'symbols of the synthetic feed', wholeNumber(1, 10_000), 70)
  .option('--interval <seconds>', 'seconds between two ticks of a symbol', positive, 1)
  .option('--history <minutes>', 'minutes of history played first', wholeNumber(0, 100_000), 120)
  .option('--seed <number>', 'seed of the synthetic feed', wholeNumber(0, 2 ** 31), 1)
  .option('--no-feed', 'run without a feed; put ticks on the stream yourself')
  .option(
    '--port <port>',
    'port of the AWS endpoint; Postgres takes the next one',
    wholeNumber(1, 65_534),
    4566,
  )
  .option(
    '--dashboard-port <port>',
    'port of the dashboard; 0 takes a free one',
    wholeNumber(0, 65_535),
    4580,
  )
  .option('--data <folder>', 'folder of the data', DEFAULT_DATA)
  .option('--fresh', 'delete the data and start anew: API key and database passwords change')
  .action(action(async (options: StartOptions) => (await import('../embedded/start.ts')).start(options)))
