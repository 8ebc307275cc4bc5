import { Command, Option } from 'commander'

import type { DeploymentOptions } from '../stage/find-deployment.ts'
import { deploymentOptions, onDeployment } from '../stage/on-deployment.ts'
import type { RebuildOptions } from '../stage/rebuild.ts'
import { action } from '../terminal/action.ts'
import { commaSeparated, minuteUtc } from '../terminal/arguments.ts'
import { UsageError } from '../terminal/errors.ts'

const command = new Command('rebuild')
  .description('make bars again from the archive, and put those that differ')
  .addOption(
    new Option('--symbols <names>', 'symbols, with commas between them')
      .argParser(commaSeparated)
      .conflicts('allSymbols'),
  )
  .option('--all-symbols', 'every symbol that the archive has trades of in that time')
  .requiredOption('--from <time>', 'first minute, UTC: 2025-11-10 or 2025-11-10T14:30', minuteUtc)
  .option('--to <time>', 'the minute after the last one (default: now)', minuteUtc)
  .option('--replace', 'replace bars that have more trades than the archive, too')
  .option('--detach', 'print the id of the job and leave it to itself, rather than follow it')
  .action(
    action(async (options: RebuildOptions & DeploymentOptions & { readonly allSymbols?: boolean }) => {
      if (options.symbols === undefined && options.allSymbols !== true)
        throw new UsageError('name the symbols: --symbols AAPL,MSFT, or --all-symbols')
      const work = await import('../stage/rebuild.ts')
      return await onDeployment(options, (deployed) => work.rebuild(deployed, options))
    }),
  )

export const rebuild = deploymentOptions(command)
