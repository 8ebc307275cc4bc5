import { Stack, Validations } from 'aws-cdk-lib'
import { AccessLogField, type ApiKey, type RestApi } from 'aws-cdk-lib/aws-apigateway'
import {
  CfnApi,
  LogGroupLogDestination,
  UsagePlan,
  WebSocketApi,
  WebSocketApiKeySelectionExpression,
  WebSocketRoute,
  WebSocketStage,
  type WebSocketStageProps,
} from 'aws-cdk-lib/aws-apigatewayv2'
import { WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations'
import { Grant } from 'aws-cdk-lib/aws-iam'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import { Construct } from 'constructs'

import { nameOf } from '../functions/shared/runtime/deployment-name.ts'
import { accessLogFormat, createAccessLogs } from './access-logs.ts'
import type { Authorizer } from './authorizer.ts'
import { type Config, isOnAws } from './config/config.ts'
import { addWebSocketDomain } from './own-domains.ts'
import type { PartFunction } from './part-function.ts'

/** The access log's own fields: the connection or message, and its result. */
const ACCESS_LOG = {
  connectionId: '$context.connectionId',
  eventType: '$context.eventType',
  routeKey: '$context.routeKey',
  status: AccessLogField.contextStatus(),
  error: '$context.error.message',
  integrationError: '$context.integrationErrorMessage',
  integrationLatencyMs: AccessLogField.contextIntegrationLatency(),
}

export type WebSocketProps = {
  readonly config: Config
  /** The REST API; its key is valid for this API too. */
  readonly rest: RestApi
  readonly key: ApiKey
  /** What decides who connects; without it, API Gateway takes its keys from the header. */
  readonly authorizer: Authorizer | undefined
}

/** A WebSocket API; a client connects with an API key in the header `x-api-key`, or with what the authorizer takes. */
export class WebSocket extends Construct {
  readonly stage: WebSocketStage
  readonly id: string
  /** Where clients connect, `wss://`. */
  readonly url: string
  /** To what its owner lets a domain of its own lead. */
  readonly domainHost: string | undefined
  readonly #api: WebSocketApi
  readonly #authorizer: Authorizer | undefined

  constructor(scope: Construct, id: string, { config, rest, key, authorizer }: WebSocketProps) {
    super(scope, id)
    this.#authorizer = authorizer
    this.#api = new WebSocketApi(this, 'Api', {
      apiName: nameOf(config),
      description: 'Bars, indicators and patterns, as they come',
      apiKeySelectionExpression:
        authorizer === undefined
          ? WebSocketApiKeySelectionExpression.HEADER_X_API_KEY
          : WebSocketApiKeySelectionExpression.AUTHORIZER_USAGE_IDENTIFIER_KEY,
    })
    this.id = this.#api.apiId
    this.stage = new WebSocketStage(this, 'Stage', {
      webSocketApi: this.#api,
      stageName: config.stage,
      autoDeploy: true,
      // For all keys together: ten times the limit of one.
      throttle: { rateLimit: 10 * config.apiRate, burstLimit: 10 * config.apiBurst },
      ...this.#logs(config),
    })
    this.domainHost = addWebSocketDomain(this, { api: this.#api, stage: this.stage }, config)
    this.url = config.webSocketDomain === undefined ? this.stage.url : `wss://${config.webSocketDomain}`
    // API Gateway may write logs once the account has a role for it, which the REST API creates.
    const account = rest.node.tryFindChild('Account')
    if (account !== undefined) this.stage.node.addDependency(account)
    // A plan of its own: connecting would count against the daily quota of requests otherwise.
    const plan = new UsagePlan(this, 'Plan', {
      usagePlanName: `${nameOf(config)}-websocket`,
      throttle: { rateLimit: config.apiRate, burstLimit: config.apiBurst },
      apiStages: [{ api: this.#api, stage: this.stage }],
    })
    plan.addApiKey(key)
    if (authorizer?.people === undefined) return
    new UsagePlan(this, 'PeoplePlan', {
      usagePlanName: `${nameOf(config)}-people-websocket`,
      throttle: { rateLimit: 10 * config.apiRate, burstLimit: 10 * config.apiBurst },
      apiStages: [{ api: this.#api, stage: this.stage }],
    }).addApiKey(authorizer.people)
  }

  /** Calls a function for every event of a client. */
  addRoutes(fn: IFunction): void {
    for (const [id, routeKey] of [
      ['Connect', '$connect'],
      ['Disconnect', '$disconnect'],
      ['Default', '$default'],
    ] as const) {
      const route = new WebSocketRoute(this, id, {
        webSocketApi: this.#api,
        routeKey,
        apiKeyRequired: routeKey === '$connect',
        integration: new WebSocketLambdaIntegration(`${id}Integration`, fn),
        ...(routeKey === '$connect' && this.#authorizer && { authorizer: this.#authorizer.webSocket }),
      })
      Validations.of(route).acknowledge({
        id: 'AwsSolutions-APIG4',
        reason: 'API keys say who may connect; the API can do nothing but read.',
      })
    }
  }

  /** Lets a function send to connections and end them, of this stage and no other. */
  grantConnections(grantee: PartFunction): void {
    const { stage } = grantee.config
    const paths = ['POST', 'DELETE'].map((method) => `${method}/@connections/*`)
    Grant.addToPrincipal({
      grantee,
      actions: ['execute-api:ManageConnections'],
      resourceArns: paths.map((path) => this.#api.arnForExecuteApiV2(path, stage)),
    })
    const { defaultChild } = this.#api.node
    if (!(defaultChild instanceof CfnApi)) return
    const apiArn = `arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<${Stack.of(this).getLogicalId(defaultChild)}>`
    for (const path of paths)
      Validations.of(grantee.functionRole).acknowledge({
        id: `AwsSolutions-IAM5[Resource::${apiArn}/${stage}/${path}]`,
        reason: 'A connection has its name from API Gateway when a client connects.',
      })
  }

  #logs(config: Config): Partial<WebSocketStageProps> {
    if (!isOnAws(config)) return {}
    const logs = createAccessLogs(this, `${nameOf(config)}-websocket`)
    return {
      accessLogSettings: {
        destination: new LogGroupLogDestination(logs),
        format: accessLogFormat(config, ACCESS_LOG),
      },
    }
  }
}
