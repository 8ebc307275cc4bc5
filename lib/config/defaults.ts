import type * as z from 'zod'

import type { configSchema } from './schema.ts'
import type { stageSchema } from './stage.ts'

/** The defaults of a stage that differ from the schema's. */
export const STAGE_DEFAULTS: Readonly<
  Record<z.infer<typeof stageSchema>, Partial<z.input<typeof configSchema>>>
> = {
  local: { apiConcurrency: 10, archiveWindowSeconds: 10, alertPrivateAddresses: 'on' },
  dev: { latency: 'economy', tickShards: 1, tracing: 'off' },
  prod: {
    barWriterConcurrency: 20,
    apiConcurrency: 50,
    databaseInstance: 'm7g.large',
    databaseStorageGib: 100,
    databaseZones: 'multi',
    backupDays: 14,
    deletionProtection: 'on',
    canary: 'on',
    tradingHours: 'always',
    liveTicks: 'off',
  },
}

/** What `backupRegion` sets where the config does not: S3 copies versions of objects. */
export const BACKUP_DEFAULTS = { bucketVersionDays: 1 } as const satisfies Partial<
  z.input<typeof configSchema>
>

/** What `regulated` sets where the config does not. */
export const REGULATED_DEFAULTS = {
  encryptionKey: 'own',
  logDays: 365,
  clientAddresses: 'off',
  flowLogs: 'all',
  defaultSecurityGroup: 'closed',
  bucketVersionDays: 30,
  objectLockDays: 365,
  apiWebAcl: 'own',
  databaseZones: 'multi',
  databaseMonitoringSeconds: 60,
  backupDays: 35,
  deletionProtection: 'on',
} as const satisfies Partial<z.input<typeof configSchema>>
