import { badValue } from './config-error.ts'
import type { Given, Parsed } from './schema.ts'

/** A region of backups that keeps nothing apart, or to which AWS copies nothing. */
export function refuseBackup(config: Parsed, given: Given): void {
  const { region, backupRegion, backupEncryptionKey, backupDays, databaseSecretArn } = config
  if (backupRegion === undefined) {
    if (given['backupEncryptionKey'] !== undefined)
      throw badValue(
        'backupEncryptionKey',
        backupEncryptionKey,
        'backupRegion is not set; set it, or leave this out',
      )
    return
  }
  if (backupRegion === region)
    throw badValue('backupRegion', backupRegion, 'it is the region of the deployment; name another')
  if (partitionOf(backupRegion) !== partitionOf(region ?? ''))
    throw badValue(
      'backupRegion',
      backupRegion,
      `AWS copies nothing between it and ${region}: China, GovCloud and the others are apart; name one of the same`,
    )
  if (backupDays === 0 && databaseSecretArn === undefined)
    throw badValue(
      'backupDays',
      backupDays,
      'RDS copies the backups that it makes; with backupRegion, set 1 or more',
    )
  if (config.bucketVersionDays === 0 && config.archive === 'on')
    throw badValue(
      'bucketVersionDays',
      config.bucketVersionDays,
      'S3 copies versions of objects; with backupRegion, set 1 or more',
    )
  refuseKeyElsewhere(config)
}

function refuseKeyElsewhere({ backupRegion, backupEncryptionKey }: Parsed): void {
  const [, , , found] = backupEncryptionKey.split(':')
  if (found !== undefined && found !== backupRegion)
    throw badValue(
      'backupEncryptionKey',
      backupEncryptionKey,
      `it is in ${found}, and backupRegion is ${backupRegion}; name a key of that region`,
    )
}

/** The regions of AWS that copy to each other. */
function partitionOf(region: string): string {
  return /^(cn|us-gov|us-iso[a-z]*|eu-isoe|eusc)-/.exec(region)?.[1] ?? 'aws'
}
