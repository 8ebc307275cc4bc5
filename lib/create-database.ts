import type { Construct } from 'constructs'

import { type Config, isOnAws } from './config/config.ts'
import { ExistingDatabase } from './existing-database.ts'
import { ExternalDatabase } from './external-database.ts'
import { RdsDatabase } from './rds-database.ts'

/** The database of the deployment: outside of the stack in stage `local`, on AWS its own, or one that exists. */
export function createDatabase(
  scope: Construct,
  config: Config,
): RdsDatabase | ExistingDatabase | ExternalDatabase {
  if (!isOnAws(config)) return new ExternalDatabase(scope, 'Database', config)
  const { databaseSecretArn: ownerSecretArn, vpcId, subnets } = config
  if (ownerSecretArn === undefined || vpcId === undefined || subnets === undefined)
    return new RdsDatabase(scope, 'Database', config)
  return new ExistingDatabase(scope, 'Database', {
    config,
    ownerSecretArn,
    vpcId,
    subnets: subnets.split(','),
  })
}
