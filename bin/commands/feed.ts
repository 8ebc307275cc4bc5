import { Command } from 'commander'

import { ENCODINGS } from '../../feed/encode-record.ts'
import type { FeedOptions } from '../stage/feed-options.ts'
import type { DeploymentOptions } from '../stage/find-deployment.ts'
import { deploymentOptions, onDeployment } from '../stage/on-deployment.ts'
import { fileOptions } from '../stage/read-options.ts'
import { action } from '../terminal/action.ts'
import { countOrNames, gathered, oneOf, positive, wholeNumber } from '../terminal/arguments.ts'

const command = new Command('feed')
  .description('put ticks on the stream of a deployment')
  .option('--source <source>', 'synthetic or replay', oneOf(['synthetic', 'replay']))
  .option(
    '--venue <name>',
    'feed from this venue: kraken, coinbase, binance, alpaca-iex, ...; again for more; NAME=SYMBOL,... for its own symbols',
    gathered,
  )
  .option('--venue-server <url>', 'where the venue is reached, for a test network or a proxy')
  .option(
    '--places <folder>',
    'folder of the files that say how far the feed of each venue is (default: .tickstock-feed)',
  )
  .argument('[files...]', 'files of trades to replay, in any order; docs/files.md has the formats')
  .option('--rejects <file>', 'write every rejected row, with its reason, to this CSV file')
  .option('--stream <name>', 'the stream (default: tickstock-STAGE-ticks)')
  .option('--symbols <list>', 'symbols of the feed: how many (default: 70), or their names', countOrNames)
  .option(
    '--interval <seconds>',
    'seconds between two ticks of a symbol, synthetic feed (default: 1)',
    positive,
  )
  .option('--seed <number>', 'seed of the synthetic feed (default: 1)', wholeNumber(0, 2 ** 31))
  .option(
    '--batch <ticks>',
    'ticks per record, at the most, but of venues (default: 500)',
    wholeNumber(1, 10_000),
  )
  .option(
    '--encoding <how>',
    'records of the stream: json (default of venues) or compact (of all else)',
    oneOf(ENCODINGS),
  )
  .option('--no-sides', 'leave out who took the liquidity, which a deployment of release 0.2 rejects')
  .action(
    action(async (files: readonly string[], options: FeedOptions & DeploymentOptions) => {
      const work = await import('../stage/feed.ts')
      return await onDeployment(options, (deployed) => work.feed(deployed, files, options))
    }),
  )

export const feed = deploymentOptions(fileOptions(command))
