import { describe, expect, it } from 'vitest'

import { type FeedOptions, sourceOf } from '../../../bin/stage/feed-options.ts'

describe('options of feed', () => {
  it.each<[FeedOptions, string]>([
    [
      { venue: ['kraken'], interval: 2 },
      '--interval is for --source synthetic, and has no effect with --venue kraken',
    ],
    [{ venue: ['kraken'], seed: 2 }, '--seed is for --source synthetic'],
    [{ venue: ['kraken'], batch: 2 }, '--batch is for --source synthetic and --source replay'],
    [{ venue: ['kraken'], rejects: 'r.csv' }, '--rejects is for --source replay'],
    [{ venue: ['kraken'], timezone: 'UTC' }, '--timezone is for --source replay'],
    [
      { source: 'synthetic', venueServer: 'https://a' },
      '--venue-server is for --venue, and has no effect with --source synthetic',
    ],
    [{ source: 'synthetic', places: 'x' }, '--places is for --venue'],
    [{}, 'give one of --source synthetic, --source replay, and --venue NAME'],
    [{ source: 'synthetic', venue: ['kraken'] }, 'give one of'],
  ])('%j are refused', (options, said) => {
    expect(() => sourceOf(options, [])).toThrow(said)
  })

  it('are refused with files where the source has none, and without where it reads them', () => {
    expect(() => sourceOf({ source: 'replay' }, [])).toThrow('--source replay needs files')
    expect(() => sourceOf({ venue: ['kraken'] }, ['a.csv'])).toThrow('--venue takes no files; a.csv is one')
    expect(() => sourceOf({ source: 'replay', symbols: 3 }, ['a.csv'])).toThrow(
      '--symbols is for --source synthetic and --venue',
    )
  })

  it('are taken where they have an effect', () => {
    expect(sourceOf({ source: 'synthetic', symbols: 3, interval: 1, seed: 1, batch: 1 }, [])).toBe(
      'synthetic',
    )
    expect(sourceOf({ venue: ['kraken'], symbols: ['A'], places: 'x', venueServer: 'https://a' }, [])).toBe(
      'venue',
    )
    expect(sourceOf({ source: 'replay', batch: 1, rejects: 'r' }, ['a.csv'])).toBe('replay')
  })
})
