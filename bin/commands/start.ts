import { Command } from 'commander'

import { ENCODINGS } from '../../feed/encode-record.ts'
import type { StartOptions } from '../embedded/start.ts'
import { DEFAULT_DATA } from '../stage/data-path.ts'
import { action } from '../terminal/action.ts'
import { countOrNames, gathered, oneOf, positive, wholeNumber } from '../terminal/arguments.ts'

export const start = new Command('start')
  .description('run TickStock on this machine, fed by a synthetic market or by a real venue')
  .option(
    '--venue <name>',
    'feed from this venue instead: kraken, coinbase, binance, alpaca-iex, ...; again for more; NAME=SYMBOL,... for its own symbols',
    gathered,
  )
  .option('--symbols <list>', 'symbols of the feed: how many, or their names', countOrNames, 70)
  .option('--venue-server <url>', 'where the venue is reached, for a test network or a proxy')
  .option(
    '--interval <seconds>',
    'seconds between two ticks of a symbol, synthetic feed (default: 1)',
    positive,
  )
  .option(
    '--history <minutes>',
    'minutes of history played first, synthetic feed (default: 120)',
    wholeNumber(0, 100_000),
  )
  .option('--seed <number>', 'seed of the synthetic feed (default: 1)', wholeNumber(0, 2 ** 31))
  .option(
    '--encoding <how>',
    'records of the feed: json (default of venues) or compact (of all else)',
    oneOf(ENCODINGS),
  )
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
  .option(
    '--strict [seed]',
    'be as unkind as AWS: shards polled once a second, functions frozen between invocations, cold starts, throttling, policies enforced',
    wholeNumber(0, 2 ** 31),
  )
  .option('--alerts', 'run the part alerter too: rules that send messages')
  .option('--fresh', 'delete the data and start anew: API key and database passwords change')
  .action(action(async (options: StartOptions) => (await import('../embedded/start.ts')).start(options)))
