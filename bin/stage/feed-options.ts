import type { Encoding } from '../../feed/encode-record.ts'
import type { ColumnsOption } from '../../feed/files/columns.ts'
import { UsageError } from '../terminal/errors.ts'
import type { FileOptions } from './read-options.ts'
import type { VenueOptions } from './venues.ts'

export type FeedOptions = FileOptions &
  Partial<VenueOptions> & {
    /** Not with venues. */
    readonly source?: 'synthetic' | 'replay'
    /** Folder of the files that say how far the feed of each venue is. @default .tickstock-feed */
    readonly places?: string
    /** @default the stream `ticks` of the stage */
    readonly stream?: string
    /** @default 1 */
    readonly interval?: number
    /** @default 1 */
    readonly seed?: number
    /** @default 500 */
    readonly batch?: number
    /** How records are written. @default compact */
    readonly encoding?: Encoding
    /** Whether trades of files and venues have their sides, which a deployment of 0.2 rejects. @default true */
    readonly sides?: boolean
    /** File that takes all rejected rows. */
    readonly rejects?: string
  }

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
  sides: ['replay', 'venue'],
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
    const value: number | string | boolean | readonly string[] | ColumnsOption | undefined = Reflect.get(
      options,
      name,
    )
    // What can only be turned off is true where it is not given.
    if (value === undefined || value === true || sources.includes(chosen)) continue
    const given = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
    const option = value === false ? `no-${given}` : given
    const others = sources.map((each) => (each === 'venue' ? '--venue' : `--source ${each}`)).join(' and ')
    throw new UsageError(`--${option} is for ${others}, and has no effect with ${said}: leave it out`)
  }
  return chosen
}
