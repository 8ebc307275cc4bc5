import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch'
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2'
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager'
import type { DatabaseInstance } from 'aws-cdk-lib/aws-rds'
import type { IConstruct, IDependable } from 'constructs'

import type { DatabaseTls } from '../functions/shared/postgres/tls.ts'

/** The network that a function runs in. */
export type Placement = {
  readonly vpc: IVpc
  readonly vpcSubnets: SubnetSelection
  readonly securityGroups: ISecurityGroup[]
}

/** A database as the parts see it. A secret is JSON of `username`, `password`, `host`, `port`, `dbname`. */
export interface Database extends IConstruct {
  /** Runs migrations and maintenance. */
  readonly owner: ISecret
  /** Reads and writes rows. */
  readonly write: ISecret
  /** Reads. */
  readonly read: ISecret
  readonly alarms: readonly Alarm[]
  /** What its two roles connect to with tokens of IAM; undefined where they have passwords. */
  readonly byIam: DatabaseInstance | undefined
  /** What the owner needs to connect: network and secrets too, but nothing that needs the roles. */
  readonly ready: IDependable
  /** Identifies the database: another one has to be migrated. */
  readonly identity: { readonly host: string; readonly name: string }
  /** Where a function must run to reach it; undefined: anywhere. */
  readonly placement: Placement | undefined
  /** Environment of a function that connects with the owner's secret. */
  readonly ownerTls: DatabaseTls
  /** Environment of a function that connects with another secret. */
  readonly tls: DatabaseTls
}
