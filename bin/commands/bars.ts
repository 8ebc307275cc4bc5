import { Command, Option } from 'commander'

import { EXPORT_FORMATS } from '../../functions/rebuilder/export/export-task.ts'
import type { BarsOptions } from '../stage/bars.ts'
import type { DeploymentOptions } from '../stage/find-deployment.ts'
import { deploymentOptions, onDeployment } from '../stage/on-deployment.ts'
import { barsOption, sideOption } from '../stage/other-bars-options.ts'
import { action } from '../terminal/action.ts'
import { commaSeparated, decimal, minuteUtc } from '../terminal/arguments.ts'

const command = new Command('bars')
  .description('make bars of another kind than minutes from the archive, and live')
  .requiredOption('--symbols <names>', 'symbols, with commas between them', commaSeparated)
  .addOption(barsOption('--kind <kind>').makeOptionMandatory())
  .option(
    '--from <time>',
    'first minute, UTC: 2025-11-10 or 2025-11-10T14:30 (with --follow, default: now)',
    minuteUtc,
  )
  .option('--to <time>', 'the minute after the last one (default: now; with --follow, none)', minuteUtc)
  .option('--follow', 'go on with the trades that come, and print bars as they close, until Ctrl-C')
  .option('--delay <seconds>', 'with --follow: how long a trade is waited for (default: 2)', decimal(0, 120))
  .option('--out <file>', 'write the bars to this file (default: standard output)')
  .addOption(
    new Option(
      '--format <name>',
      'the kind of file (default: what the name of --out says, as bars.parquet; else csv)',
    ).choices(EXPORT_FORMATS),
  )
  .option('--text-numbers', 'decimals as text of exact digits; not of CSV')
  .addOption(sideOption())
  .addOption(
    new Option(
      '--formulas <how>',
      'of CSV: text that a spreadsheet would run as a formula (default: quoted)',
    ).choices(['quoted', 'raw']),
  )
  .action(
    action(async (options: BarsOptions & DeploymentOptions) => {
      const { writeBars } = await import('../stage/bars.ts')
      return await onDeployment(options, (deployed) => writeBars(deployed, options))
    }),
  )

export const bars = deploymentOptions(command)
