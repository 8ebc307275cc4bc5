import { Command, Option } from 'commander'

import { FILLS, SESSIONS } from '../../functions/api/bars/bar-choices.ts'
import { EXPORT_FORMATS } from '../../functions/rebuilder/export/export-task.ts'
import type { ExportOptions } from '../stage/export.ts'
import type { DeploymentOptions } from '../stage/find-deployment.ts'
import { deploymentOptions, onDeployment } from '../stage/on-deployment.ts'
import { action } from '../terminal/action.ts'
import { commaSeparated, minuteUtc } from '../terminal/arguments.ts'

const command = new Command('export')
  .description('write bars to an object in S3, as they are known now, and get it')
  .requiredOption('--symbols <names>', 'symbols, with commas between them', commaSeparated)
  .requiredOption('--from <time>', 'bars begin then or later, UTC: 2025-11-10 or 2025-11-10T14:30', minuteUtc)
  .option('--to <time>', 'and before that (default: now)', minuteUtc)
  .option('--timeframe <name>', 'how long a bar is: 1Min, 5Min, 1Hour, 1Day', '1Min')
  .option('--tz <zone>', "from whose midnight bars are counted, an IANA name (default: 'UTC')")
  .addOption(new Option('--session <hours>', 'of which hours bars are made (default: all)').choices(SESSIONS))
  .addOption(
    new Option('--fill <how>', 'what stands where a symbol has no bar (default: none)').choices(FILLS),
  )
  .addOption(new Option('--format <name>', 'the kind of file').choices(EXPORT_FORMATS).makeOptionMandatory())
  .option('--text-numbers', 'decimals as text of exact digits, where a file has a type for them')
  .option('--out <file>', 'write the file there (default: print a link to it, for 15 minutes)')
  .option('--detach', 'print the id of the job and leave it to itself, rather than follow it')
  .action(
    action(async (options: ExportOptions & DeploymentOptions) => {
      const work = await import('../stage/export.ts')
      return await onDeployment(options, (deployed) => work.exportBars(deployed, options))
    }),
  )

export const exportBars = deploymentOptions(command)
