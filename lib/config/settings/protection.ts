import * as z from 'zod'

import { onOff, regionName, wholeNumber } from '../field-types.ts'

/** Retentions of CloudWatch Logs, in days. */
const LOG_DAYS: readonly number[] = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
]
const KEY_ARN = /^arn:aws[\w-]*:kms:[\w-]+:\d{12}:key\/[\w-]+$/
const BACKUP_KEY = 'allowed is own, or the ARN of a key of KMS in backupRegion'
const KEY =
  'allowed is aws, own, or the ARN of a key of KMS, as arn:aws:kms:eu-central-1:123456789012:key/1234abcd-...'

/** What a review of security asks for. */
export const protectionSettings = {
  /**
   * AWS: the key of KMS that encrypts data at rest. `aws`: those of AWS. `own`: one that the stack makes, and that KMS rotates each
   * year. Or the ARN of one that exists. To be set before the first deployment.
   * @default aws
   */
  encryptionKey: z.union([z.enum(['aws', 'own']), z.string().regex(KEY_ARN, KEY)], KEY).default('aws'),
  /**
   * AWS: turns on what a review of a bank asks for, and refuses settings that weaken it; docs/regulated.md lists both.
   * @default off
   */
  regulated: onOff().default('off'),
  /**
   * AWS: days for which logs are kept, one of those that CloudWatch has.
   * @default 30; 365 with `regulated`
   */
  logDays: wholeNumber({ min: 1, max: 3653 })
    .refine((days) => LOG_DAYS.includes(days), `allowed is one of ${LOG_DAYS.join(', ')}`)
    .default(30),
  /**
   * AWS: whether the access logs of the APIs have the addresses of clients.
   * @default on; off with `regulated`
   */
  clientAddresses: onOff().default('on'),
  /**
   * AWS: connections of the networks of the stack that are logged: those `rejected`, or `all`.
   * @default rejected; all with `regulated`
   */
  flowLogs: z.enum(['rejected', 'all']).default('rejected'),
  /**
   * AWS: the default security group of the networks of the stack, in which nothing is: `open` among its members, as AWS makes it, or
   * `closed`, by a function of the CDK.
   * @default open; closed with `regulated`
   */
  defaultSecurityGroup: z.enum(['open', 'closed']).default('open'),
  /**
   * AWS: days for which the archive, the dead-letter bucket and the bucket of exports keep what was overwritten or deleted; 0 keeps none.
   * @default 0; 1 with `backupRegion`; 30 with `regulated`
   */
  bucketVersionDays: wholeNumber({ min: 0, max: 36_500 }).default(0),
  /**
   * AWS: days for which nobody can delete an object of the archive (S3 Object Lock); 0 locks none. Wants `bucketVersionDays`.
   * @default 0; 365 with `regulated`
   */
  objectLockDays: wholeNumber({ min: 0, max: 36_500 }).default(0),
  /**
   * AWS: `governance`: whoever has `s3:BypassGovernanceRetention` may delete locked objects all the same. `compliance`: nobody, not
   * the root of the account either.
   * @default governance
   */
  objectLockMode: z.enum(['governance', 'compliance']).default('governance'),
  /**
   * AWS: another region, where a stack of its own keeps copies of the backups of the database and of the tables, and of the
   * archive, for `backupDays`. docs/backup.md says what they bring back.
   * @default none
   */
  backupRegion: regionName().optional(),
  /**
   * AWS, with `backupRegion`: the key of KMS there that encrypts the copies. `own`: one that the stack there makes. Or the ARN of one
   * that exists in that region.
   * @default own
   */
  backupEncryptionKey: z
    .union([z.literal('own'), z.string().regex(KEY_ARN, BACKUP_KEY)], BACKUP_KEY)
    .default('own'),
  /**
   * AWS: a code signing configuration of Lambda, which says whose code the functions may run.
   * @default none
   */
  codeSigningConfigArn: z
    .string()
    .regex(
      /^arn:aws[\w-]*:lambda:[\w-]+:\d{12}:code-signing-config:csc-[a-z0-9]{17}$/,
      'allowed is the ARN of a code signing configuration of Lambda',
    )
    .optional(),
}
