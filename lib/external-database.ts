import { CfnParameter, RemovalPolicy, SecretValue } from 'aws-cdk-lib'
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager'
import { Construct } from 'constructs'

import { secretNameOf } from '../functions/shared/runtime/deployment-name.ts'
import type { Config } from './config/config.ts'
import type { Database } from './database.ts'
import { roleSecret } from './role-secret.ts'

/** A database outside the stack: the parameters of the stack name its address. */
export class ExternalDatabase extends Construct implements Database {
  readonly owner: ISecret
  readonly write: ISecret
  readonly read: ISecret
  readonly alarms = []
  readonly byIam = undefined
  readonly ready = this
  readonly identity: Database['identity']
  readonly placement = undefined
  readonly ownerTls = { DATABASE_TLS: 'off' } as const
  readonly tls = { DATABASE_TLS: 'off' } as const

  constructor(scope: Construct, id: string, config: Config) {
    super(scope, id)
    const parameter = (name: string, value: string, description: string): CfnParameter => {
      const made = new CfnParameter(this, name, { type: 'String', default: value, description })
      made.overrideLogicalId(name)
      return made
    }
    const host = parameter(
      'DatabaseHost',
      config.databaseHost,
      'Host of the database, as the functions reach it',
    )
    const port = parameter('DatabasePort', String(config.databasePort), 'Port of the database')
    const dbname = parameter('DatabaseName', config.databaseName, 'Name of the database')
    const ownerName = parameter('DatabaseOwner', 'tickstock_owner', 'Role that owns the database')
    const password = parameter(
      'DatabaseOwnerPassword',
      'tickstock',
      'Password of the role that owns the database',
    )
    password.noEcho = true
    const address = { host: host.valueAsString, port: port.valueAsString, dbname: dbname.valueAsString }

    this.identity = { host: address.host, name: address.dbname }
    this.owner = new Secret(this, 'Owner', {
      secretName: secretNameOf(config, 'owner'),
      removalPolicy: RemovalPolicy.DESTROY,
      secretObjectValue: {
        username: SecretValue.unsafePlainText(ownerName.valueAsString),
        password: SecretValue.cfnParameter(password),
        host: SecretValue.unsafePlainText(address.host),
        port: SecretValue.unsafePlainText(address.port),
        dbname: SecretValue.unsafePlainText(address.dbname),
      },
    })
    this.write = roleSecret(this, 'Write', { config, username: 'app_readwrite', address })
    this.read = roleSecret(this, 'Read', { config, username: 'app_readonly', address })
  }
}
