import { RemovalPolicy } from 'aws-cdk-lib'
import { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import type { Construct } from 'constructs'

import { secretNameOf } from '../functions/shared/runtime/deployment-name.ts'
import type { Config } from './config/config.ts'

export type RoleSecretProps = {
  readonly config: Config
  /** The role of Postgres that connects with it. */
  readonly username: string
  /** Where the database is, unless the secret is attached to it. */
  readonly address?: { readonly host: string; readonly port: number | string; readonly dbname: string }
}

/** The secret of a role, with a password that Secrets Manager makes. */
export function roleSecret(
  scope: Construct,
  id: 'Owner' | 'Write' | 'Read',
  { config, username, address }: RoleSecretProps,
): Secret {
  return new Secret(scope, id, {
    secretName: secretNameOf(config, id.toLowerCase()),
    description: `How ${username} connects to the database of TickStock`,
    removalPolicy: RemovalPolicy.DESTROY,
    generateSecretString: {
      secretStringTemplate: JSON.stringify({ username, ...address }),
      generateStringKey: 'password',
      excludePunctuation: true,
      passwordLength: 32,
    },
  })
}
