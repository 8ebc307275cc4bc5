import { type Command, InvalidArgumentError } from 'commander'

import { type ColumnsOption, parseColumns } from '../../feed/files/columns.ts'
import { FORMATS } from '../../feed/files/formats/index.ts'
import type { ReadOptions } from '../../feed/files/read-trades.ts'
import { isZone } from '../../feed/files/times.ts'
import { oneOf } from '../terminal/arguments.ts'

/** Options of every command that reads files of trades. */
export type FileOptions = Pick<ReadOptions, 'format' | 'columns' | 'symbol' | 'timezone'>

/** Adds them to a command. */
export function fileOptions(command: Command): Command {
  return command
    .option(
      '--format <name>',
      'format of the files (default: recognised)',
      oneOf(FORMATS.map(({ name }) => name)),
    )
    .option(
      '--columns <names>',
      'time=NAME,price=NAME,..., or the names of a file without a header in order',
      columns,
    )
    .option('--symbol <symbol>', 'the symbol of files that do not say it')
    .option('--timezone <zone>', 'zone of times that name none, as UTC or America/New_York', zone)
}

function columns(text: string): ColumnsOption {
  try {
    return parseColumns(text)
  } catch (error) {
    if (error instanceof RangeError) throw new InvalidArgumentError(`${error.message}.`)
    throw error
  }
}

function zone(text: string): string {
  if (isZone(text)) return text
  throw new InvalidArgumentError('Give a zone as UTC or America/New_York.')
}
