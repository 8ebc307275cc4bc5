import { Aws, Duration, Lazy, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib'
import {
  AccountRecovery,
  CfnUserPoolClient,
  CfnUserPoolGroup,
  Mfa,
  OAuthScope,
  UserPool as CognitoUserPool,
  type UserPoolClient,
  UserPoolClientIdentityProvider,
} from 'aws-cdk-lib/aws-cognito'
import { Construct } from 'constructs'

import { nameOf } from '../functions/shared/runtime/deployment-name.ts'
import type { Config } from './config/config.ts'
import type { Issuer } from './issuer.ts'

/** The people of a stage, and their groups: Cognito signs them in on pages of its own. */
export class UserPool extends Construct {
  readonly issuer: Issuer
  /** Where those pages are. */
  readonly pages: string
  readonly id: string
  /** Origins that a page asks: for what Cognito can do and its keys, and for tokens. */
  readonly origins: readonly string[]
  readonly #pool: CognitoUserPool
  #client: UserPoolClient | undefined

  constructor(scope: Construct, id: string, config: Config) {
    super(scope, id)
    this.#pool = new CognitoUserPool(this, 'People', {
      userPoolName: nameOf(config),
      selfSignUpEnabled: false,
      signInAliases: { email: true },
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      mfa: Mfa.OPTIONAL,
      mfaSecondFactor: { otp: true, sms: false },
      passwordPolicy: { minLength: 12, tempPasswordValidity: Duration.days(3) },
      deletionProtection: config.deletionProtection === 'on',
      removalPolicy: config.deletionProtection === 'on' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    })
    for (const [groupName, description] of [
      ['viewer', 'May read'],
      ['operator', 'May read, and what is for operators'],
    ] as const)
      new CfnUserPoolGroup(this, groupName, { userPoolId: this.#pool.userPoolId, groupName, description })
    const domainPrefix = `${nameOf(config)}-${Aws.ACCOUNT_ID}`
    this.#pool.addDomain('Pages', { cognitoDomain: { domainPrefix } })
    const { region } = Stack.of(this)
    this.pages = `https://${domainPrefix}.auth.${region}.amazoncognito.com`
    this.id = this.#pool.userPoolId
    this.origins = [`https://cognito-idp.${region}.amazonaws.com`, this.pages]
    this.issuer = {
      issuer: `https://cognito-idp.${region}.amazonaws.com/${this.id}`,
      // The client has to know the page, which has to know the APIs, which ask for tokens of the client.
      audience: [Lazy.string({ produce: () => this.#client?.userPoolClientId })],
      groupsClaim: 'cognito:groups',
    }
    Validations.of(this.#pool).acknowledge(
      {
        id: 'AwsSolutions-COG1',
        reason: 'Long rather than contrived: 12 characters, with all that Cognito demands by default.',
      },
      {
        id: 'AwsSolutions-COG2',
        reason: 'A second factor is offered; whoever runs the stage may make it required.',
      },
      {
        id: 'AwsSolutions-COG3',
        reason: 'Threat protection costs per person; nobody signs up by themselves.',
      },
      { id: 'AwsSolutions-COG8', reason: 'The plan Plus costs per person; nobody signs up by themselves.' },
    )
  }

  /** The client of a page: authorization code with PKCE, so without a secret. */
  addClient(page: string): UserPoolClient {
    this.#client = this.#pool.addClient('Page', {
      generateSecret: false,
      oAuth: {
        flows: { authorizationCodeGrant: true, implicitCodeGrant: false },
        scopes: [OAuthScope.OPENID, OAuthScope.EMAIL],
        callbackUrls: [page],
        logoutUrls: [page],
      },
      supportedIdentityProviders: [UserPoolClientIdentityProvider.COGNITO],
      preventUserExistenceErrors: true,
      enableTokenRevocation: true,
      accessTokenValidity: Duration.hours(1),
      idTokenValidity: Duration.hours(1),
      refreshTokenValidity: Duration.hours(12),
    })
    const { defaultChild } = this.#client.node
    // Without a list, Cognito would take user names and passwords of programs too.
    if (defaultChild instanceof CfnUserPoolClient)
      defaultChild.explicitAuthFlows = ['ALLOW_REFRESH_TOKEN_AUTH']
    return this.#client
  }
}
