import { Command } from 'commander'

import type { DeploymentOptions } from '../stage/find-deployment.ts'
import { deploymentOptions, onDeployment } from '../stage/on-deployment.ts'
import type { RebuildOptions } from '../stage/rebuild.ts'
import { action } from '../terminal/action.ts'
import { commaSeparated, minuteUtc } from '../terminal/arguments.ts'

const command = new Command('rebuild')
  .description('make bars again from the archive, and put those that differ')
  .requiredOption('--symbols <names>', 'symbols, with commas between them', commaSeparated)
  .requiredOption('--from <time>', 'first minute, UTC: 2025-11-10 or 2025-11-10T14:30', minuteUtc)
  .option('--to <time>', 'the minute after the last one (default: now)', minuteUtc)
  .option('--replace', 'replace bars that have more trades than the archive, too')
  .action(
    action(async (options: RebuildOptions & DeploymentOptions) => {
      const work = await import('../stage/rebuild.ts')
      return await onDeployment(options, (deployed) => work.rebuild(deployed, options))
    }),
  )

export const rebuild = deploymentOptions(command)
