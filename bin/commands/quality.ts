import { Command } from 'commander'

import type { DeploymentOptions } from '../stage/find-deployment.ts'
import { deploymentOptions, onDeployment } from '../stage/on-deployment.ts'
import type { QualityOptions } from '../stage/quality/quality.ts'
import { action } from '../terminal/action.ts'
import { commaSeparated, dayUtc } from '../terminal/arguments.ts'

const command = new Command('quality')
  .description('say what is missing, corrected or rejected, per symbol and day')
  .requiredOption('--symbols <names>', 'symbols, with commas between them', commaSeparated)
  .option('--from <day>', 'first day, UTC (default: 6 days before the last)', dayUtc)
  .option('--to <day>', 'last day (default: today)', dayUtc)
  .option('--json', 'as JSON')
  .option('--no-archive', 'leave the archive unread: quicker, without archived trades and missing ids')
  .action(
    action(async (options: QualityOptions & DeploymentOptions) => {
      const { printQuality } = await import('../stage/quality/quality.ts')
      return await onDeployment(options, (deployed) => printQuality(deployed, options))
    }),
  )

export const quality = deploymentOptions(command)
