import { badValue } from './config-error.ts'
import type { Given, Parsed } from './schema.ts'
import { stageSchema } from './stage.ts'

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
  'bridgeSubnets',
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
  'bridgeDomain',
  'bridgeCopies',
  'apiCertificateArn',
  'apiWebAcl',
  'codeSigningConfigArn',
  'alertEmails',
  'backupRegion',
  'backupEncryptionKey',
] as const

/** Settings for AWS in stage `local`. */
export function refuseForAws(given: Given): void {
  for (const key of FOR_AWS)
    if (given[key] !== undefined)
      throw badValue(key, given[key], 'it is for AWS, and stage local is not there; leave it out')
}

/** A prefix or tags that AWS, or this system, cannot carry. */
export function refuseAccount(config: Parsed): void {
  refusePrefix(config)
  refuseTags(config)
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
