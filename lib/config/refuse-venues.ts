import { parseVenues } from '../../feed/venues/parse-venue.ts'
import { ConfigError } from './config-error.ts'
import type { Parsed } from './schema.ts'

/** Venues that the stage, their number or their keys do not allow. */
export function refuseVenues(parsed: Parsed): void {
  const { stage, venues, venueCopies, venueKeysSecretArn } = parsed
  const bad = (key: string, text: string): ConfigError => new ConfigError(`bad configuration: ${key} ${text}`)
  const all = parseVenues(venues).map(({ venue }) => venue)
  if (all.length === 0) {
    const given = settingOfVenues(parsed)
    if (given !== undefined) throw bad(given, 'is set, and venues is not: name the venues, or leave it out.')
    return
  }
  if (stage === 'local')
    throw bad(
      'venues',
      `is "${venues}": stage local has no service for them; start with npm start -- --venue NAME.`,
    )
  const single = all.find((venue) => 'fillSince' in venue && venue.hasOneConnection)
  if (venueCopies > 1 && single !== undefined)
    throw bad(
      'venueCopies',
      `is ${venueCopies}: ${single.name} allows an account one connection; allowed is 1.`,
    )
  const keyed = all.find(({ keys = [] }) => keys.some(({ isOptional }) => isOptional !== true))
  if (keyed !== undefined && venueKeysSecretArn === undefined)
    throw bad(
      'venueKeysSecretArn',
      `is not set: ${keyed.name} wants keys; docs/deploy.md says how to store them.`,
    )
}

/** A setting that means nothing without venues, and is set. */
function settingOfVenues({ venueCopies, venueSides, venueKeysSecretArn }: Parsed): string | undefined {
  if (venueKeysSecretArn !== undefined) return 'venueKeysSecretArn'
  if (venueSides === 'on') return 'venueSides'
  return venueCopies > 1 ? 'venueCopies' : undefined
}
