import { Duration, Stack } from 'aws-cdk-lib'
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch'
import { Construct } from 'constructs'

import { createAlarm } from './alarms.ts'
import type { Archive } from './archive.ts'
import { copyBucket, copyFailures } from './archive-copy.ts'
import type { BackupNames } from './backup-names.ts'
import type { Config } from './config/config.ts'
import { KeptTable } from './kept-table.ts'
import { sumOfAll } from './metrics.ts'
import { TableBackups } from './table-backups.ts'

export type BackupCopiesProps = {
  readonly config: Config
  readonly names: BackupNames
  readonly archive: Archive | undefined
}

/**
 * Copies of the archive and of all tables of the stack so far that are kept, in the backup region. Those of the database are made by
 * RDS, as the instance says.
 */
export class BackupCopies extends Construct {
  readonly alarms: readonly Alarm[]

  constructor(scope: Construct, id: string, { config, names, archive }: BackupCopiesProps) {
    super(scope, id)
    const tables = Stack.of(this)
      .node.findAll()
      .filter((each) => each instanceof KeptTable)
    const backups = new TableBackups(this, 'Tables', { config, names, tables })
    if (archive !== undefined) copyBucket(archive, config, names)
    const failures = [...backups.failures, ...(archive === undefined ? [] : [copyFailures(archive, names)])]
    this.alarms = createAlarm(this, config, {
      name: 'backup-copies',
      says: 'Backups of the tables, or objects of the archive, could not be copied to the backup region.',
      metric: sumOfAll(failures, { name: 'failed', label: 'failed copies', period: Duration.hours(1) }),
      above: 0,
      periods: [1, 3],
    })
  }
}
