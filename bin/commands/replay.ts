import { Command, Option } from 'commander'

import { ENCODINGS } from '../../feed/encode-record.ts'
import type { ReplayOptions } from '../embedded/replay-options.ts'
import type { Formulas } from '../../functions/api/formats/csv.ts'
import { action } from '../terminal/action.ts'
import { oneOf, wholeNumber } from '../terminal/arguments.ts'
import { UsageError } from '../terminal/errors.ts'
import { barsOption, type OtherBarsOptions, sideOption } from '../stage/other-bars-options.ts'
import { fileOptions } from '../stage/read-options.ts'

type GivenOptions = Omit<ReplayOptions, 'formulas'> & OtherBarsOptions & { readonly formulas?: Formulas }

const command = new Command('replay')
  .description('turn recorded trades into bars, in a throw-away deployment')
  .argument('<files...>', 'files of trades, in any order; docs/files.md has the formats')
  .option(
    '--out <file>',
    'write the bars to this CSV file; with --bars also to bars.ndjson, .arrow or .parquet',
  )
  .option('--signals <file>', 'write the values of all indicators to this CSV file')
  .option('--patterns <file>', 'write the candlestick patterns to this CSV file')
  .option('--rejects <file>', 'write every rejected row, with its reason, to this CSV file')
  .option('--dry-run', 'say how the files are read, with their first trades, and make no bars')
  .addOption(
    new Option(
      '--formulas <how>',
      'text in those files that a spreadsheet would run as a formula (default: quoted)',
    ).choices(['quoted', 'raw']),
  )
  .option('--batch <ticks>', 'ticks per record of the stream', wholeNumber(1, 10_000), 10_000)
  .option('--encoding <how>', 'records of the stream: compact (default) or json', oneOf(ENCODINGS))
  .addOption(
    new Option(
      '--direct',
      'fold the trades in this process, without a deployment: the same bars, many times as fast',
    ).conflicts(['batch', 'encoding']),
  )
  .addOption(barsOption().conflicts(['signals', 'patterns']))
  .addOption(sideOption())
  .action(
    action(
      async (files: readonly string[], given: GivenOptions) => {
        const { bars, side, formulas } = given
        const options = { ...given, formulas: formulas ?? 'quoted' }
        if (bars !== undefined && options.direct !== true)
          throw new UsageError(`--bars ${bars.name} needs --direct: a deployment makes bars of minutes`)
        if (options.dryRun === true || options.direct !== true)
          return await (await import('../embedded/replay.ts')).replay(files, options)
        return bars === undefined
          ? await (await import('../direct/direct-replay.ts')).directReplay(files, options)
          : await (
              await import('../direct/direct-other-bars.ts')
            ).directOtherBars(files, { ...given, bars, side })
      },
      { data: 'thrown-away' },
    ),
  )

export const replay = fileOptions(command)
