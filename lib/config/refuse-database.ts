import { connectionsOf } from './config.ts'
import { badValue } from './config-error.ts'
import type { Given, Parsed } from './schema.ts'

/** Keys of a database of the stack, without effect on one that exists. */
const OF_OWN_DATABASE = [
  'databaseInstance',
  'databaseStorageGib',
  'databaseZones',
  'databaseProxy',
  'backupDays',
  'databaseAccess',
  'databaseMonitoringSeconds',
] as const
/** Keys of a database outside of the stack. */
const OF_EXISTING_DATABASE = [
  'databaseSecurityGroup',
  'databaseAuthority',
  'databaseHost',
  'databasePort',
] as const

/** Settings of a database of the stack for one that exists, and the other way round. */
export function refuseDatabase(config: Parsed, given: Given): void {
  refuseTooManyReaders(config)
  if (config.databaseAccess === 'iam' && config.databaseProxy === 'on')
    throw badValue(
      'databaseAccess',
      'iam',
      'the proxy signs in with passwords, which Postgres on RDS no longer takes from roles of IAM; set databaseProxy to off',
    )
  const { databaseSecretArn, vpcId } = config
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

/** The migrator gives readers three quarters of the connections; RDS Proxy shares them. */
function refuseTooManyReaders(config: Parsed): void {
  const { apiConcurrency, databaseInstance, databaseProxy, databaseSecretArn } = config
  const readers = (connectionsOf(config) * 3) / 4
  // The connections of an existing database are not known here.
  if (databaseSecretArn !== undefined || databaseProxy === 'on' || apiConcurrency <= readers) return
  throw badValue(
    'apiConcurrency',
    apiConcurrency,
    `allowed is ${readers} with databaseInstance ${databaseInstance}, whose other connections are for those who write; ` +
      'take a larger instance, or set databaseProxy to on',
  )
}
