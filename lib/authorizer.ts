import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib'
import {
  ApiKey,
  AuthorizationType,
  LambdaIntegration,
  type MethodOptions,
  RequestAuthorizer,
  type Resource,
} from 'aws-cdk-lib/aws-apigateway'
import { WebSocketLambdaAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers'
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch'
import { AttributeType, Billing, TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { Construct } from 'constructs'

import { nameOf } from '../functions/shared/runtime/deployment-name.ts'
import type { AuthorizerEnvironment } from '../functions/authorizer/env.ts'
import { peopleKey } from '../functions/shared/access/usage-keys.ts'
import { functionAlarms } from './alarms.ts'
import type { Config } from './config/config.ts'
import type { Issuer } from './issuer.ts'
import type { Part } from './part.ts'
import { PartFunction } from './part-function.ts'

export type AuthorizerProps = {
  readonly config: Config
  /** Who signs people in; without one, only programs are let in. */
  readonly issuer: Issuer | undefined
}

/**
 * Decides who may use the REST and WebSocket APIs: programs with API keys, people with tokens of an OpenID Connect issuer,
 * browsers with tickets. May touch: the table `tickets`.
 */
export class Authorizer extends Construct implements Part {
  readonly function: PartFunction
  readonly alarms: readonly Alarm[]
  /** By which the requests of people are counted, where there are any; nobody can send its value. */
  readonly people: ApiKey | undefined
  readonly webSocket: WebSocketLambdaAuthorizer
  readonly #rest: RequestAuthorizer

  constructor(scope: Construct, id: string, { config, issuer }: AuthorizerProps) {
    super(scope, id)
    // A ticket lives for seconds: nothing to retain or restore.
    const tickets = new TableV2(this, 'Tickets', {
      tableName: `${nameOf(config)}-tickets`,
      partitionKey: { name: 'ticket', type: AttributeType.STRING },
      timeToLiveAttribute: 'expiresAt',
      billing: Billing.onDemand(),
      removalPolicy: RemovalPolicy.DESTROY,
    })
    const environment: AuthorizerEnvironment = {
      TICKETS_TABLE: tickets.tableName,
      PEOPLE_KEY: peopleKey(nameOf(config)),
      OIDC_ISSUER: issuer?.issuer ?? '',
      OIDC_AUDIENCE: issuer?.audience.join(' ') ?? '',
      OIDC_GROUPS_CLAIM: issuer?.groupsClaim ?? config.oidcGroupsClaim,
    }
    this.function = new PartFunction(this, 'Function', {
      config,
      part: 'authorizer',
      environment,
      timeout: Duration.seconds(10),
    })
    tickets.grant(this.function, 'dynamodb:PutItem', 'dynamodb:DeleteItem')
    this.alarms = functionAlarms(this.function)
    this.people =
      issuer &&
      new ApiKey(this, 'People', {
        apiKeyName: peopleKey(nameOf(config)),
        description: 'Counts the requests of people who are signed in; it is no key that can be sent',
        value: peopleKey(nameOf(config)),
      })
    this.#rest = new RequestAuthorizer(this, 'Rest', {
      authorizerName: nameOf(config),
      handler: this.function.live,
      // API Gateway keeps answers only by headers that every request has to have, and here it is one header or another.
      identitySources: [],
      resultsCacheTtl: Duration.seconds(0),
    })
    this.webSocket = new WebSocketLambdaAuthorizer('WebSocket', this.function.live, {
      authorizerName: nameOf(config),
      identitySource: [],
    })
  }

  /** What makes a method of the REST API ask who calls. */
  get method(): MethodOptions {
    return { authorizer: this.#rest, authorizationType: AuthorizationType.CUSTOM, apiKeyRequired: true }
  }

  /** Adds the method that answers with a ticket for a WebSocket connection. */
  addTickets(v1: Resource): void {
    const integration = new LambdaIntegration(this.function.live, { allowTestInvoke: false })
    const method = v1.addResource('live-tickets').addMethod('POST', integration, this.method)
    Validations.of(method).acknowledge({
      id: 'AwsSolutions-COG4',
      reason: 'The authorizer verifies tokens of any issuer, Cognito among them, and API keys.',
    })
  }
}
