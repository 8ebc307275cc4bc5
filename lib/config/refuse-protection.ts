import { badValue, ConfigError } from './config-error.ts'
import type { Given, Parsed } from './schema.ts'

/** Keys that protect a network of the stack, without effect on one that exists. */
const OF_OWN_NETWORK = ['flowLogs', 'defaultSecurityGroup'] as const

/** Settings of protection that contradict each other, and those that weaken what `regulated` promises. */
export function refuseProtection(config: Parsed, given: Given): void {
  const { vpcId, objectLockDays, bucketVersionDays } = config
  for (const key of vpcId === undefined ? [] : OF_OWN_NETWORK)
    if (given[key] !== undefined)
      throw badValue(key, given[key], 'it has no effect on the network of vpcId; leave it out')
  if (objectLockDays > 0 && bucketVersionDays === 0)
    throw badValue(
      'objectLockDays',
      objectLockDays,
      'S3 locks versions of objects; set bucketVersionDays too, or 0',
    )
  if (given['objectLockMode'] !== undefined && objectLockDays === 0)
    throw badValue('objectLockMode', given['objectLockMode'], 'objectLockDays is 0; set it too')
  if (config.regulated === 'on') refuseWeaker(config)
}

/** The least that each key may have with `regulated`. */
const LEAST: readonly (readonly [keyof Parsed, (config: Parsed) => boolean, string])[] = [
  ['encryptionKey', ({ encryptionKey }) => encryptionKey !== 'aws', 'own, or the ARN of a key of KMS'],
  ['logDays', ({ logDays }) => logDays >= 365, '365 or more'],
  ['clientAddresses', ({ clientAddresses }) => clientAddresses === 'off', 'off'],
  ['flowLogs', ({ flowLogs }) => flowLogs === 'all', 'all'],
  ['defaultSecurityGroup', ({ defaultSecurityGroup }) => defaultSecurityGroup === 'closed', 'closed'],
  ['bucketVersionDays', ({ bucketVersionDays }) => bucketVersionDays > 0, '1 or more'],
  ['objectLockDays', ({ objectLockDays }) => objectLockDays > 0, '1 or more'],
  ['apiWebAcl', ({ apiWebAcl }) => apiWebAcl !== 'none', 'own, or the ARN of a web ACL of WAF'],
  [
    'databaseMonitoringSeconds',
    ({ databaseMonitoringSeconds }) => databaseMonitoringSeconds > 0,
    '1, 5, 10, 15, 30 or 60',
  ],
  ['rotationDays', ({ rotationDays }) => rotationDays > 0, '1 or more'],
]

/** @throws ConfigError naming what is weaker, or missing and cannot be guessed */
function refuseWeaker(config: Parsed): void {
  for (const [key, isEnough, allowed] of LEAST)
    if (!isEnough(config)) throw badValue(key, config[key], `with regulated on, allowed is ${allowed}`)
  const { apiDomain, webSocketDomain, websocket, access, dashboardDomain, dashboardWebAclArn } = config
  const wanted = {
    apiDomain,
    ...(websocket === 'on' && { webSocketDomain }),
    ...(access === 'people' && { dashboardDomain, dashboardWebAclArn }),
  }
  const missing = Object.entries(wanted).flatMap(([key, value]) => (value === undefined ? [key] : []))
  if (missing.length > 0)
    throw new ConfigError(
      `bad configuration: ${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not set: regulated wants domains with a ` +
        'certificate of yours, and a web ACL before the dashboard; docs/regulated.md says what for.',
    )
}
