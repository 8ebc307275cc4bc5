import { badValue } from './config-error.ts'
import type { Parsed } from './schema.ts'

/** Subnets that do not fit an existing network, or one of the stack. */
export function refuseNetwork(config: Parsed): void {
  const { vpcId, subnets, venueSubnets, bridgeSubnets, venues, venueCopies, zones } = config
  if (vpcId === undefined) {
    for (const [key, value] of Object.entries({ subnets, venueSubnets, bridgeSubnets }))
      if (value !== undefined)
        throw badValue(key, value, 'these are subnets of an existing network; set vpcId too')
    return
  }
  if (subnets === undefined)
    throw badValue('vpcId', vpcId, 'subnets is not set: name two of its private subnets or more')
  for (const [key, value] of Object.entries({ subnets, venueSubnets, bridgeSubnets })) refuseTwice(key, value)
  if (subnets.split(',').length < 2)
    throw badValue('subnets', subnets, 'RDS and Lambda want two or more, each in a zone of its own')
  if (zones !== undefined)
    throw badValue('zones', zones, 'in an existing network the subnets say the zones; leave it out')
  if (venues === '' && venueSubnets !== undefined)
    throw badValue('venueSubnets', venueSubnets, 'venues is not set: name the venues, or leave it out')
  const places = venueSubnets?.split(',').length ?? 0
  if (venues !== '' && places < venueCopies)
    throw badValue(
      'venueSubnets',
      venueSubnets ?? '',
      `in an existing network the feed of venues wants ${venueCopies}, one for each of the venueCopies`,
    )
  refuseBridge(config)
}

/** Subnets of a bridge that is not there, or a bridge without them. */
function refuseBridge({ bridgeDomain, bridgeSubnets }: Parsed): void {
  if (bridgeDomain === undefined && bridgeSubnets !== undefined)
    throw badValue(
      'bridgeSubnets',
      bridgeSubnets,
      'bridgeDomain is not set: name the domain, or leave it out',
    )
  if (bridgeDomain !== undefined && (bridgeSubnets?.split(',').length ?? 0) < 2)
    throw badValue(
      'bridgeSubnets',
      bridgeSubnets ?? '',
      'in an existing network the load balancer of bridgeDomain wants two or more, each in a zone of its own',
    )
}

function refuseTwice(key: string, value: string | undefined): void {
  const all = value?.split(',') ?? []
  const twice = all.find((each, index) => all.indexOf(each) < index)
  if (twice !== undefined) throw badValue(key, value, `${twice} is there twice`)
}

/** Zones that the region, or the stage, does not have. */
export function refuseZones({ stage, region, zones }: Parsed): void {
  if (zones === undefined) return
  if (stage === 'local') throw badValue('zones', zones, 'stage local has no network; leave it out')
  const [first, second] = zones.split(',')
  if (first === second) throw badValue('zones', zones, 'it is twice the same; RDS wants two zones')
  const elsewhere = [first, second].find((zone) => !zone?.startsWith(region ?? ''))
  if (elsewhere !== undefined) throw badValue('zones', zones, `${elsewhere} is not in region ${region}`)
}
