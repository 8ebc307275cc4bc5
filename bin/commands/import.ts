import { Command, Option } from 'commander'

import type { DeploymentOptions } from '../stage/find-deployment.ts'
import type { ImportOptions } from '../stage/import.ts'
import { deploymentOptions, onDeployment } from '../stage/on-deployment.ts'
import { fileOptions } from '../stage/read-options.ts'
import { action } from '../terminal/action.ts'
import { UsageError } from '../terminal/errors.ts'

type Kind = { readonly bars?: boolean; readonly actions?: boolean; readonly replace?: boolean }

const command = new Command('import')
  .description('add files of trades to the archive of a deployment, and rebuild the bars of their time')
  .argument('<files...>', 'files of trades, in any order; docs/files.md has the formats')
  .option('--bars', 'the files have bars of one minute, for minutes without trades')
  .addOption(
    new Option(
      '--actions',
      'the files have splits and cash dividends, by which bars can be adjusted; docs/adjustment.md',
    ).conflicts('bars'),
  )
  .option('--replace', 'of --actions: remove other actions of the symbols that the files have')
  .option('--rejects <file>', 'write every rejected row, with its reason, to this CSV file')
  .option('--no-sides', 'leave out who took the liquidity: a column of another meaning looks like it')
  .action(
    action(async (files: readonly string[], options: ImportOptions & DeploymentOptions & Kind) => {
      if (options.replace === true && options.actions !== true)
        throw new UsageError('--replace belongs to --actions: give both, or leave it out')
      if (options.sides === false && (options.actions === true || options.bars === true))
        throw new UsageError('--no-sides is of trades: leave it out with --bars and --actions')
      if (options.actions === true) {
        const work = await import('../stage/actions/import-actions.ts')
        return await onDeployment(options, (deployed) => work.importActionFiles(deployed, files, options))
      }
      if (options.bars === true) {
        const work = await import('../stage/import-bars.ts')
        return await onDeployment(options, (deployed) => work.importBarFiles(deployed, files, options))
      }
      const work = await import('../stage/import.ts')
      return await onDeployment(options, (deployed) => work.importFiles(deployed, files, options))
    }),
  )

export const importFiles = deploymentOptions(fileOptions(command))
