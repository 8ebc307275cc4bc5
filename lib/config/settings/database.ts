import * as z from 'zod'

import { onOff, secretArn, wholeNumber } from '../field-types.ts'

/** Those that RDS has. */
const MONITORING_SECONDS: ReadonlySet<number> = new Set([0, 1, 5, 10, 15, 30, 60])

/** The database. */
export const databaseSettings = {
  /**
   * AWS, with `vpcId`: an existing Postgres, by the ARN of the secret of its owner, in place of one of the stack; with
   * `databaseHost`. docs/own-account.md says what it must have.
   * @default none
   */
  databaseSecretArn: secretArn().optional(),
  /**
   * AWS, with `databaseSecretArn`: a security group of that database, to which the stack adds that its functions may connect.
   * @default none: whoever owns it lets them in
   */
  databaseSecurityGroup: z
    .string()
    .regex(
      /^sg-([0-9a-f]{8}|[0-9a-f]{17})$/,
      'allowed is the id of a security group, as sg-0123456789abcdef0',
    )
    .optional(),
  /**
   * AWS, with `databaseSecretArn`: who has signed the certificate of that database: `rds`, as of RDS and Aurora, or `public`, one
   * of those that Node.js trusts.
   * @default rds
   */
  databaseAuthority: z.enum(['rds', 'public']).default('rds'),
  /**
   * Stage `local`, or with `databaseSecretArn`: host of the database, as the functions reach it.
   * @default 127.0.0.1 in `local`
   */
  databaseHost: z.string().min(1).default('127.0.0.1'),
  /**
   * Stage `local`, or with `databaseSecretArn`: port of the database.
   * @default 5432
   */
  databasePort: wholeNumber({ min: 1, max: 65_535 }).default(5432),
  /**
   * Name of the database.
   * @default tickstock
   */
  databaseName: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,62}$/, 'allowed are a letter and up to 62 letters, digits or _, in lower case')
    .default('tickstock'),
  /**
   * AWS: class of the database instance without the prefix `db.`, one of those on Graviton that RDS has for Postgres 18.
   * @default t4g.micro; m7g.large in `prod`
   */
  databaseInstance: z
    .string()
    .regex(
      /^(t4g\.(micro|small|medium|large|2?xlarge)|([mr][67]gd?|[mr]8gd?|x[28]g)\.(large|(2|4|8|12|16)?xlarge))$/,
      'allowed is a Graviton class, as t4g.micro, m7g.large or r8g.2xlarge',
    )
    .default('t4g.micro'),
  /**
   * AWS: storage of the database, in GiB; RDS extends it up to four times that.
   * @default 20; 100 in `prod`
   */
  databaseStorageGib: wholeNumber({ min: 20, max: 16_384 }).default(20),
  /**
   * AWS: `multi` keeps a standby in a second availability zone, at twice the price of the instance.
   * @default single; multi in `prod`
   */
  databaseZones: z.enum(['single', 'multi']).default('single'),
  /**
   * AWS: days of backups to restore from, to the second; 0 keeps none.
   * @default 1; 14 in `prod`
   */
  backupDays: wholeNumber({ min: 0, max: 35 }).default(1),
  /**
   * AWS: seconds between two samples of RDS's enhanced monitoring (processes, memory and disks of the instance), one of 1, 5, 10, 15, 30
   * and 60; 0 takes none. CloudWatch Logs charges for them, and keeps them for 30 days.
   * @default 0; 60 with `regulated`
   */
  databaseMonitoringSeconds: wholeNumber({ min: 0, max: 60 })
    .refine((seconds) => MONITORING_SECONDS.has(seconds), 'allowed is 0, 1, 5, 10, 15, 30 or 60')
    .default(0),
  /**
   * AWS: connections through RDS Proxy. The bar-writer holds one per instance, so it pays only with many readers. It costs 0.015
   * dollars an hour for each processor of `databaseInstance`, at least two.
   * @default off
   */
  databaseProxy: onOff().default('off'),
  /**
   * AWS: how functions that read and write rows sign in: with the `password` of a secret, or with tokens of `iam`, which live a
   * quarter of an hour. The owner, who migrates, has a password. Not with `databaseProxy` or `databaseSecretArn`.
   * @default password
   */
  databaseAccess: z.enum(['password', 'iam']).default('password'),
  /**
   * AWS: days after which each password of the database is changed; 0 never.
   * @default 30
   */
  rotationDays: wholeNumber({ min: 0, max: 365 }).default(30),
}
