import type * as z from 'zod'

import { badValue } from './config-error.ts'
import { type configSchema, stageSchema } from './config-schema.ts'

type Parsed = z.output<typeof configSchema>
type Given = Readonly<Record<string, unknown>>

/** AWS allows 50, and CloudFormation and the CDK add some. */
const MOST_TAGS = 40
/** Letters, digits and spaces of any language, and what AWS takes besides, in services of all kinds. */
const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u

/** Keys for an account of AWS, which would be without effect in stage `local`. */
const FOR_AWS = [
  'prefix',
  'tags',
  'permissionsBoundary',
  'vpcId',
  'subnets',
  'venueSubnets',
  'egress',
  'encryptionKey',
  'databaseSecretArn',
  'databaseSecurityGroup',
  'databaseAuthority',
  'regulated',
  'logDays',
  'clientAddresses',
  'flowLogs',
  'defaultSecurityGroup',
  'bucketVersionDays',
  'objectLockDays',
  'objectLockMode',
  'apiDomain',
  'webSocketDomain',
  'apiCertificateArn',
  'apiWebAcl',
  'codeSigningConfigArn',
] as const
/** Keys of a database of the stack, without effect on one that exists. */
const OF_OWN_DATABASE = [
  'databaseInstance',
  'databaseStorageGib',
  'databaseZones',
  'databaseProxy',
  'backupDays',
] as const
/** Keys of a database outside of the stack. */
const OF_EXISTING_DATABASE = [
  'databaseSecurityGroup',
  'databaseAuthority',
  'databaseHost',
  'databasePort',
] as const

/**
 * Refuses settings that fit the deployment into an account in ways that AWS, or this system, cannot carry out.
 *
 * @param given what the user has set, without the defaults
 * @throws ConfigError
 */
export function refuseOwnParts(config: Parsed, given: Given): void {
  if (config.stage === 'local') {
    for (const key of FOR_AWS)
      if (given[key] !== undefined)
        throw badValue(key, given[key], 'it is for AWS, and stage local is not there; leave it out')
    return
  }
  refusePrefix(config)
  refuseTags(config)
  refuseNetwork(config)
  refuseDatabase(config, given)
  refuseElsewhere(config)
}

function refusePrefix({ prefix, access, oidcIssuer }: Parsed): void {
  const stage = stageSchema.options.find((each) => prefix.split('-').includes(each))
  if (stage !== undefined)
    throw badValue(
      'prefix',
      prefix,
      `${stage} is the name of a stage, which follows the prefix: names could be taken for those of another deployment`,
    )
  // Of parameters and log groups, whose names begin with it.
  const reserved = ['aws', 'ssm'].find((each) => prefix.startsWith(each))
  if (reserved !== undefined)
    throw badValue('prefix', prefix, `names of parameters that begin with ${reserved} belong to AWS`)
  const refused = ['aws', 'amazon', 'cognito'].find((each) => prefix.includes(each))
  if (refused !== undefined && access === 'people' && oidcIssuer === undefined)
    throw badValue(
      'prefix',
      prefix,
      `Cognito refuses ${refused} in the address of its pages; take another, or set oidcIssuer`,
    )
}

function refuseTags({ tags }: Parsed): void {
  const entries = Object.entries(tags)
  if (entries.length > MOST_TAGS)
    throw badValue('tags', tags, `these are ${entries.length} tags; allowed are ${MOST_TAGS}`)
  for (const [key, value] of entries) {
    if (key.length === 0 || key.length > 128 || !TAG_TEXT.test(key) || /^aws:/i.test(key))
      throw badValue(
        'tags',
        tags,
        `the key ${JSON.stringify(key)} is not allowed; allowed are 1 to 128 letters, digits, spaces and _.:/=+-@, not beginning with aws:`,
      )
    if (value.length > 256 || !TAG_TEXT.test(value))
      throw badValue(
        'tags',
        tags,
        `the value of ${key} is not allowed; allowed are up to 256 letters, digits, spaces and _.:/=+-@`,
      )
  }
}

function refuseNetwork(config: Parsed): void {
  const { vpcId, subnets, venueSubnets, venues, venueCopies, zones } = config
  if (vpcId === undefined) {
    for (const [key, value] of Object.entries({ subnets, venueSubnets }))
      if (value !== undefined)
        throw badValue(key, value, 'these are subnets of an existing network; set vpcId too')
    return
  }
  if (subnets === undefined)
    throw badValue('vpcId', vpcId, 'subnets is not set: name two of its private subnets or more')
  for (const [key, value] of Object.entries({ subnets, venueSubnets })) refuseTwice(key, value)
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
}

function refuseTwice(key: string, value: string | undefined): void {
  const all = value?.split(',') ?? []
  const twice = all.find((each, index) => all.indexOf(each) < index)
  if (twice !== undefined) throw badValue(key, value, `${twice} is there twice`)
}

function refuseDatabase({ databaseSecretArn, vpcId }: Parsed, given: Given): void {
  if (databaseSecretArn === undefined) {
    for (const key of OF_EXISTING_DATABASE)
      if (given[key] !== undefined)
        throw badValue(
          key,
          given[key],
          'on AWS it is of an existing database; set databaseSecretArn too, or leave it out',
        )
    return
  }
  if (vpcId === undefined)
    throw badValue(
      'databaseSecretArn',
      databaseSecretArn,
      'vpcId is not set: the functions have to run in a network from which they reach the database',
    )
  if (given['databaseHost'] === undefined)
    throw badValue(
      'databaseSecretArn',
      databaseSecretArn,
      'databaseHost is not set: give the host of the database',
    )
  for (const key of OF_OWN_DATABASE)
    if (given[key] !== undefined)
      throw badValue(key, given[key], 'it has no effect on the database of databaseSecretArn; leave it out')
}

/** Lambda, RDS and Kinesis take keys and secrets of their own region only. */
function refuseElsewhere({ region, encryptionKey, databaseSecretArn }: Parsed): void {
  for (const [key, value] of Object.entries({ encryptionKey, databaseSecretArn })) {
    const [, , , found] = value?.split(':') ?? []
    if (found !== undefined && found !== region)
      throw badValue(
        key,
        value,
        `it is in ${found}, and the deployment in ${region}; name one of that region`,
      )
  }
}
