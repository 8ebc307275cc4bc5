import { Duration, NestedStack, RemovalPolicy, Validations } from 'aws-cdk-lib'
import { ApiKey, type RestApi, UsagePlan } from 'aws-cdk-lib/aws-apigateway'
import { UsagePlan as WebSocketUsagePlan, type WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2'
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager'
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch'
import { Peer, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2'
import { FargateService, type FargateTaskDefinition, Secret as ContainerSecret } from 'aws-cdk-lib/aws-ecs'
import {
  ApplicationLoadBalancer,
  ApplicationProtocol,
  type ApplicationTargetGroup,
  SslPolicy,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2'
import { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import { CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2'
import type { Construct } from 'constructs'

import type { BridgeEnvironment } from '../bin/bridge/env.ts'
import { nameOf, pathOf } from '../functions/shared/runtime/deployment-name.ts'
import type { Config } from './config/config.ts'
import { createCluster, createProgram } from './container-program.ts'
import { TaskNetwork } from './task-network.ts'

export type BridgeProps = {
  readonly config: Config
  readonly rest: RestApi
  /** Of the web ACL before the REST API. */
  readonly webAclArn: string | undefined
  readonly webSocketStage: WebSocketStage
  /** Where both APIs are reached. */
  readonly urls: { readonly rest: string; readonly webSocket: string }
  readonly certificateArn: string
}

const CONTAINER = 'Bridge'
const PORT = 4590

/**
 * The streams of Alpaca and Massive, which API Gateway cannot speak: Fargate tasks behind a load balancer with TLS. They are
 * clients of both APIs, with a key of their own. May touch: read its code. A stack within the stack, since CloudFormation
 * takes 500 resources in one.
 */
export class Bridge extends NestedStack {
  /** Tasks that take connections. */
  readonly healthy: Metric
  /** To what its owner lets the domain lead. */
  readonly host: string

  constructor(scope: Construct, id: string, props: BridgeProps) {
    super(scope, id, { description: 'The streams of Alpaca and Massive' })
    const { config, webAclArn } = props
    const network = new TaskNetwork(this, 'Network', {
      config,
      name: 'bridge',
      log: 'bridge-network',
      addresses: '10.2.0.0/24',
      subnets: config.bridgeSubnets,
      description: 'The bridge: it takes connections of its load balancer',
      outbound: 'to AWS',
    })
    const service = this.#service(this.#task(props), network, config)
    const balancer = this.#balancer(network)
    const targets = this.#listen(balancer, service, props)
    if (webAclArn !== undefined)
      new CfnWebACLAssociation(this, 'WebAclAssociation', {
        resourceArn: balancer.loadBalancerArn,
        webAclArn,
      })
    this.host = balancer.loadBalancerDnsName
    this.healthy = targets.metrics.healthyHostCount({ statistic: 'Maximum', period: Duration.minutes(1) })
  }

  /** The CLI names the stack around it when it says what is to be bundled. */
  override get bundlingRequired(): boolean {
    return this.nestedStackParent?.bundlingRequired ?? super.bundlingRequired
  }

  /** Those of the stack around it. */
  override get availabilityZones(): string[] {
    return this.nestedStackParent?.availabilityZones ?? super.availabilityZones
  }

  #task(props: BridgeProps): FargateTaskDefinition {
    const { config, urls } = props
    const environment: Omit<BridgeEnvironment, 'TICKSTOCK_KEY' | 'BRIDGE_PORT'> = {
      API_URL: urls.rest,
      WEB_SOCKET_URL: urls.webSocket,
      BRIDGE_HOST: '0.0.0.0',
    }
    return createProgram(this, {
      config,
      name: 'bridge',
      entry: 'bin/bridge/main.ts',
      container: CONTAINER,
      environment: { ...environment, BRIDGE_PORT: String(PORT) },
      secrets: { TICKSTOCK_KEY: ContainerSecret.fromSecretsManager(this.#key(props)) },
      port: PORT,
    })
  }

  /** A key of both APIs, with the limits of ten: what clients ask with their own keys does not count. */
  #key({ config, rest, webSocketStage }: BridgeProps): Secret {
    const secret = new Secret(this, 'Secret', {
      secretName: `${pathOf(config).slice(1)}/bridge`,
      description: 'The key with which the bridge reads the APIs of TickStock',
      removalPolicy: RemovalPolicy.DESTROY,
      // Letters and digits, which an authorizer takes for a key of API Gateway.
      generateSecretString: { excludePunctuation: true, includeSpace: false, passwordLength: 40 },
    })
    Validations.of(secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason: 'Its value is that of an API key: a bridge that is deployed anew has another.',
    })
    const key = new ApiKey(this, 'Key', {
      apiKeyName: `${nameOf(config)}-bridge`,
      description: 'The bridge, for gaps and the one connection that its clients share',
      value: secret.secretValue.unsafeUnwrap(),
    })
    const limits = { rateLimit: 10 * config.apiRate, burstLimit: 10 * config.apiBurst }
    new UsagePlan(this, 'Plan', {
      name: `${nameOf(config)}-bridge`,
      throttle: limits,
      apiStages: [{ api: rest, stage: rest.deploymentStage }],
    }).addApiKey(key)
    new WebSocketUsagePlan(this, 'WebSocketPlan', {
      usagePlanName: `${nameOf(config)}-bridge-websocket`,
      throttle: limits,
      apiStages: [{ api: webSocketStage.api, stage: webSocketStage }],
    }).addApiKey(key)
    return secret
  }

  #service(
    taskDefinition: FargateTaskDefinition,
    { vpc, subnets, access, isPublic }: TaskNetwork,
    config: Config,
  ): FargateService {
    const cluster = createCluster(this, { config, name: 'bridge', vpc })
    return new FargateService(this, 'Service', {
      serviceName: `${nameOf(config)}-bridge`,
      cluster,
      taskDefinition,
      desiredCount: config.bridgeCopies,
      // They keep nothing: new ones take connections before the old ones end theirs.
      minHealthyPercent: 100,
      maxHealthyPercent: 200,
      circuitBreaker: { rollback: true },
      vpcSubnets: { subnets: [...subnets] },
      securityGroups: [access],
      assignPublicIp: isPublic,
    })
  }

  #balancer({ vpc, subnets, isPublic }: TaskNetwork): ApplicationLoadBalancer {
    const securityGroup = new SecurityGroup(this, 'BalancerAccess', {
      vpc,
      description: 'The load balancer of the bridge: HTTPS from its clients',
      allowAllOutbound: false,
    })
    securityGroup.addIngressRule(Peer.anyIpv4(), Port.tcp(443), 'clients')
    Validations.of(securityGroup).acknowledge({
      id: 'AwsSolutions-EC23',
      reason: 'Clients are anywhere, as those of the APIs; a key decides who gets bars.',
    })
    const balancer = new ApplicationLoadBalancer(this, 'Balancer', {
      vpc,
      vpcSubnets: { subnets: [...subnets] },
      internetFacing: isPublic,
      securityGroup,
      dropInvalidHeaderFields: true,
    })
    // No deletion protection: it holds nothing, and with it neither the bridge could be removed nor its first deployment taken back.
    Validations.of(balancer).acknowledge({
      id: 'AwsSolutions-ELB2',
      reason: 'Its log would hold addresses of clients, and of each connection no more than that it was one.',
    })
    return balancer
  }

  #listen(
    balancer: ApplicationLoadBalancer,
    service: FargateService,
    { certificateArn }: BridgeProps,
  ): ApplicationTargetGroup {
    const listener = balancer.addListener('Https', {
      port: 443,
      protocol: ApplicationProtocol.HTTPS,
      certificates: [Certificate.fromCertificateArn(this, 'Certificate', certificateArn)],
      sslPolicy: SslPolicy.RECOMMENDED_TLS,
      open: false,
    })
    return listener.addTargets('Bridges', {
      port: PORT,
      protocol: ApplicationProtocol.HTTP,
      targets: [service.loadBalancerTarget({ containerName: CONTAINER, containerPort: PORT })],
      healthCheck: { path: '/health', interval: Duration.seconds(15), healthyThresholdCount: 2 },
      // Connections of clients last for ever, and the load balancer cuts them after this; clients connect again.
      deregistrationDelay: Duration.seconds(10),
    })
  }
}
