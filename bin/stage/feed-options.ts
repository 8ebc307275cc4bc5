import type { ColumnsOption } from '../../feed/files/columns.ts'
import { UsageError } from '../terminal/errors.ts'
import type { FeedOptions } from './feed.ts'

/** What a feed reads from. */
export type FeedSource = 'synthetic' | 'replay' | 'venue'

/** The sources that options are for; the others are for all. */
const FOR: Readonly<Partial<Record<keyof FeedOptions, readonly FeedSource[]>>> = {
  symbols: ['synthetic', 'venue'],
  interval: ['synthetic'],
  seed: ['synthetic'],
  batch: ['synthetic', 'replay'],
  rejects: ['replay'],
  format: ['replay'],
  columns: ['replay'],
  symbol: ['replay'],
  timezone: ['replay'],
  venueServer: ['venue'],
  places: ['venue'],
}

/** @throws UsageError when an option would have no effect, or not one source is given */
export function sourceOf(options: FeedOptions, files: readonly string[]): FeedSource {
  const { source, venue = [] } = options
  if ((source === undefined) === (venue.length === 0))
    throw new UsageError('give one of --source synthetic, --source replay, and --venue NAME')
  const chosen = source ?? 'venue'
  const said = source === undefined ? `--venue ${venue[0]}` : `--source ${source}`
  if (chosen === 'replay' && files.length === 0)
    throw new UsageError('--source replay needs files: name the files to replay')
  if (chosen !== 'replay' && files.length > 0)
    throw new UsageError(
      `${chosen === 'venue' ? '--venue' : said} takes no files; ${files[0]} is one. Did you mean --source replay?`,
    )
  for (const [name, sources] of Object.entries(FOR)) {
    const value: number | string | readonly string[] | ColumnsOption | undefined = Reflect.get(options, name)
    if (value === undefined || sources.includes(chosen)) continue
    const option = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
    const others = sources.map((each) => (each === 'venue' ? '--venue' : `--source ${each}`)).join(' and ')
    throw new UsageError(`--${option} is for ${others}, and has no effect with ${said}: leave it out`)
  }
  return chosen
}
