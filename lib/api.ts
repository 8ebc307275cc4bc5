import { Duration, Size, Validations } from 'aws-cdk-lib'
import {
  AccessLogField,
  ApiKey,
  ApiKeySourceType,
  EndpointType,
  type IResource,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  Period,
  RestApi,
  type StageOptions,
} from 'aws-cdk-lib/aws-apigateway'
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch'
import { Construct } from 'constructs'

import { nameOf } from '../functions/shared/runtime/deployment-name.ts'
import type { ApiEnvironment } from '../functions/api/env.ts'
import { accessLogFormat, createAccessLogs } from './access-logs.ts'
import { createAlarm, functionAlarms } from './alarms.ts'
import type { Alerter } from './alerter.ts'
import type { Authorizer } from './authorizer.ts'
import { addProblems } from './api-problems.ts'
import { type Config, isOnAws } from './config/config.ts'
import { accessOf, grantAccess } from './database-access.ts'
import type { Database } from './database.ts'
import type { Jobs } from './jobs.ts'
import { partMetric } from './metrics.ts'
import { addRestDomain } from './own-domains.ts'
import type { Part } from './part.ts'
import { PartFunction } from './part-function.ts'
import { protectRest } from './web-acl.ts'

/** The access log's own fields: which path, how long. */
const ACCESS_LOG = {
  method: AccessLogField.contextHttpMethod(),
  path: AccessLogField.contextPath(),
  status: AccessLogField.contextStatus(),
  responseLength: AccessLogField.contextResponseLength(),
  responseLatencyMs: AccessLogField.contextResponseLatency(),
  integrationLatencyMs: AccessLogField.contextIntegrationLatency(),
}

export type ApiProps = {
  readonly config: Config
  readonly database: Database
  /** What decides who calls; without it, API Gateway takes its keys from the header. */
  readonly authorizer: Authorizer | undefined
  /** What answers below `/v1/jobs`; without it nothing does. */
  readonly jobs: Jobs | undefined
  /** What answers below `/v1/alerts`; without it nothing does. */
  readonly alerter: Alerter | undefined
}

/** How the paths of Alpaca and Massive begin, beside `/v1`. */
const COMPATIBLE_PATHS = ['v1beta1', 'v1beta3', 'v2', 'v3']

/** The alarm's threshold for the 99th percentile, in milliseconds. */
const LATENCY_MS = 1000

/** The read-only REST API. May touch: the read-role secret. */
export class Api extends Construct implements Part {
  readonly function: PartFunction
  readonly alarms: readonly Alarm[]
  readonly rest: RestApi
  /** The first key of the usage plan; its value is in API Gateway only. */
  readonly key: ApiKey
  /** Where it answers, with a slash at the end. */
  readonly url: string
  /** To what its owner lets a domain of its own lead. */
  readonly domainHost: string | undefined
  /** Of WAF, before it. */
  readonly webAclArn: string | undefined

  constructor(scope: Construct, id: string, { config, database, authorizer, jobs, alerter }: ApiProps) {
    super(scope, id)
    const environment: ApiEnvironment = {
      ...accessOf(database, 'read'),
      ...database.tls,
      INDICATORS: config.indicators,
      PATTERNS: config.patterns,
      VWAP_ANCHOR: config.vwapAnchor,
      TRADING_HOURS: config.tradingHours,
      CORS_ORIGINS: config.corsOrigins,
    }
    this.function = new PartFunction(this, 'Function', {
      config,
      part: 'api',
      environment,
      placement: database.placement,
      reservedConcurrency: config.apiConcurrency,
      // CPU is proportional to memory, and formatting a page needs CPU.
      memorySize: 1024,
      timeout: Duration.seconds(20),
    })
    grantAccess(database, 'read', this.function)
    this.rest = new RestApi(this, 'Rest', {
      restApiName: nameOf(config),
      description: 'Bars, indicators and patterns, to read',
      endpointTypes: [EndpointType.REGIONAL],
      cloudWatchRole: isOnAws(config),
      minCompressionSize: Size.kibibytes(1),
      // Files of Arrow and Parquet are bytes. Of a list API Gateway would take only what the client accepts first.
      binaryMediaTypes: ['*/*'],
      // The dashboard's CloudFront asks there.
      ...(config.apiDomain !== undefined &&
        config.access !== 'people' && { disableExecuteApiEndpoint: true }),
      apiKeySourceType: authorizer ? ApiKeySourceType.AUTHORIZER : ApiKeySourceType.HEADER,
      deployOptions: { stageName: config.stage, ...this.#limits(config), ...this.#logs(config) },
    })
    addProblems(this.rest, { toBrowsers: config.corsOrigins !== '', access: config.access })
    this.#addRoutes(config, authorizer)
    if (jobs !== undefined) this.#addOperators('jobs', jobs, authorizer)
    if (alerter !== undefined) this.#addOperators('alerts', alerter, authorizer)
    this.key = this.#addKey(config)
    if (authorizer?.people !== undefined) this.#countPeople(config, authorizer.people)
    this.domainHost = addRestDomain(this, this.rest, config)
    this.url = config.apiDomain === undefined ? this.rest.url : `https://${config.apiDomain}/`
    this.webAclArn = protectRest(this, this.rest, config)
    this.alarms = this.#createAlarms(config)
    acknowledgeFindings(this.rest)
  }

  /** Paths without a key; they return no data. */
  #addRoutes(config: Config, authorizer: Authorizer | undefined): void {
    const integration = new LambdaIntegration(this.function.live, { allowTestInvoke: false })
    const open = { apiKeyRequired: false }
    const v1 = this.rest.root.addResource('v1')
    const data = v1.addResource('{proxy+}')
    const description = v1.addResource('openapi.json')
    for (const resource of [description, this.rest.root.addResource('docs')])
      for (const method of ['GET', 'HEAD']) resource.addMethod(method, integration, open)
    const keyed = authorizer?.method ?? { apiKeyRequired: true }
    data.addMethod('ANY', integration, keyed)
    for (const begin of COMPATIBLE_PATHS)
      this.rest.root.addResource(begin).addResource('{proxy+}').addMethod('ANY', integration, keyed)
    // Clients of Massive put the path of a next page, which begins with the stage, behind their base, which ends with it.
    this.rest.root.addResource(config.stage).addResource('{proxy+}').addMethod('ANY', integration, keyed)
    if (config.websocket === 'on') authorizer?.addTickets(v1)
    // A browser sends its preflight request without the key.
    const asked: IResource[] = config.corsOrigins === '' ? [] : [data, description]
    for (const resource of asked) resource.addMethod('OPTIONS', integration, open)
  }

  /** No page of another origin may use them, so they have no preflight. */
  #addOperators(path: string, { function: fn }: Part, authorizer: Authorizer | undefined): void {
    const integration = new LambdaIntegration(fn.live, { allowTestInvoke: false })
    const all = this.rest.root.resourceForPath('v1').addResource(path)
    for (const resource of [all, all.addResource('{proxy+}')])
      resource.addMethod('ANY', integration, authorizer?.method ?? { apiKeyRequired: true })
  }

  #addKey(config: Config): ApiKey {
    const plan = this.rest.addUsagePlan('Plan', {
      name: nameOf(config),
      throttle: { rateLimit: config.apiRate, burstLimit: config.apiBurst },
      ...(config.apiDailyQuota > 0 && { quota: { limit: config.apiDailyQuota, period: Period.DAY } }),
      apiStages: [{ api: this.rest, stage: this.rest.deploymentStage }],
    })
    const key = new ApiKey(this, 'Key', { apiKeyName: nameOf(config) })
    plan.addApiKey(key)
    return key
  }

  /** All people share one key, so it has the limit of ten. */
  #countPeople(config: Config, people: ApiKey): void {
    this.rest
      .addUsagePlan('PeoplePlan', {
        name: `${nameOf(config)}-people`,
        throttle: { rateLimit: 10 * config.apiRate, burstLimit: 10 * config.apiBurst },
        apiStages: [{ api: this.rest, stage: this.rest.deploymentStage }],
      })
      .addApiKey(people)
  }

  /** For all keys together: ten times the limit of one. */
  #limits({ apiRate, apiBurst }: Config): StageOptions {
    return { throttlingRateLimit: 10 * apiRate, throttlingBurstLimit: 10 * apiBurst }
  }

  #logs(config: Config): StageOptions {
    if (!isOnAws(config)) return {}
    const logs = createAccessLogs(this, nameOf(config))
    return {
      accessLogDestination: new LogGroupLogDestination(logs),
      accessLogFormat: accessLogFormat(config, ACCESS_LOG),
      loggingLevel: MethodLoggingLevel.ERROR,
      tracingEnabled: config.tracing === 'on',
    }
  }

  #createAlarms(config: Config): Alarm[] {
    return [
      ...functionAlarms(this.function),
      ...createAlarm(this, config, {
        name: 'api-latency',
        says: `One request in a hundred takes the API more than ${LATENCY_MS / 1000} s.`,
        metric: partMetric(config, 'api', { name: 'ApiLatency', statistic: 'p99' }),
        above: LATENCY_MS,
      }),
      ...createAlarm(this, config, {
        name: 'api-unavailable',
        says: 'The API answers requests with 5xx, other than that of an unhealthy health.',
        // Not API Gateway's count, which includes the 503 of health: polling it would cause an alarm, and roll back new code.
        metric: partMetric(config, 'api', { name: 'ApiFailures' }),
        above: 0,
      }),
    ]
  }
}

function acknowledgeFindings(rest: RestApi): void {
  Validations.of(rest).acknowledge(
    {
      id: 'AwsSolutions-APIG2',
      reason: 'The function checks every parameter itself and names what is wrong; no method takes a body.',
    },
    {
      id: 'AwsSolutions-APIG3',
      reason: 'Keys, throttling and a limit per statement bound what a client can do; a web ACL costs extra.',
    },
    {
      id: 'AwsSolutions-APIG4',
      reason: 'API keys and the authorizer say who may read; the API can do nothing but read.',
    },
    {
      id: 'AwsSolutions-COG4',
      reason:
        'Programs use API keys; tokens of people, of Cognito or another issuer, are verified by the authorizer.',
    },
    {
      id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
      reason: 'The policy that AWS gives for this; the role is that of API Gateway, not of a function.',
    },
  )
}
