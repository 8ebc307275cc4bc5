import { type Attribute, Billing, TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import type { Construct } from 'constructs'

import { nameOf } from '../functions/shared/runtime/deployment-name.ts'
import type { Config } from './config/config.ts'
import { removalPolicyOf } from './removal-policy.ts'

export type KeptTableProps = {
  readonly config: Config
  /** After the name of the deployment: `minute-state`. */
  readonly name: string
  readonly partitionKey: Attribute
  readonly sortKey?: Attribute
  readonly timeToLiveAttribute?: string
}

/** A table that is missed when it is lost: `deletionProtection` keeps it, and what it was at any time of the last 35 days. */
export class KeptTable extends TableV2 {
  constructor(scope: Construct, id: string, { config, name, ...keys }: KeptTableProps) {
    super(scope, id, {
      ...keys,
      tableName: `${nameOf(config)}-${name}`,
      billing: Billing.onDemand(),
      removalPolicy: removalPolicyOf(config),
      ...(config.deletionProtection === 'on' && {
        deletionProtection: true,
        pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      }),
    })
  }
}
