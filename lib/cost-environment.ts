import { CfnResource, Lazy, Stack } from 'aws-cdk-lib'
import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch'
import { CfnVPCEndpoint } from 'aws-cdk-lib/aws-ec2'
import { CfnService, CfnTaskDefinition } from 'aws-cdk-lib/aws-ecs'
import { CfnLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2'
import { CfnFunction } from 'aws-cdk-lib/aws-lambda'
import { CfnWebACL } from 'aws-cdk-lib/aws-wafv2'
import type { Construct, IConstruct } from 'constructs'

import type { OperatorEnvironment } from '../functions/operator/env.ts'
import {
  METRICS_OF_MAPPING,
  MONTH_HOURS,
  type Standing,
  standingCost,
} from '../functions/shared/cost/standing.ts'
import { METRICS } from '../functions/shared/runtime/metric-names.ts'
import type { Config } from './config/config.ts'
import { fanOutOf, fanOutShards } from './fan-out.ts'
import { PartFunction } from './part-function.ts'

/** What the part `operator` has to know for an estimate of the cost. Counted at the synthesis, when all resources are there. */
export function costEnvironment(
  scope: Construct,
  config: Config,
): Pick<OperatorEnvironment, 'STANDING_COST' | 'STREAM_MODE' | 'FUNCTIONS_MB'> {
  const all = (): IConstruct[] => Stack.of(scope).node.findAll()
  return {
    STANDING_COST: Lazy.string({ produce: () => standingText(all(), config) }),
    STREAM_MODE: config.streamMode,
    FUNCTIONS_MB: Lazy.string({ produce: () => memories(all()) }),
  }
}

function standingText(constructs: readonly IConstruct[], config: Config): string {
  const cost = standingCost(standingOf(constructs, config))
  if (cost === undefined) return ''
  const month = Object.values(cost).reduce((sum, dollars) => sum + dollars, 0)
  return (month / MONTH_HOURS).toFixed(6)
}

/** As the bill of `tickstock cost` counts it in the template, with the storage and the shards that the database and the streams have at first. */
function standingOf(constructs: readonly IConstruct[], config: Config): Standing {
  const ofType = (type: string): number =>
    constructs.filter((each) => CfnResource.isCfnResource(each) && each.cfnResourceType === type).length
  const isOnDemand = config.streamMode === 'on-demand'
  const tasks = constructs
    .filter((each) => each instanceof CfnService)
    .reduce((sum, { desiredCount = 1 }) => sum + desiredCount, 0)
  const balancers = constructs.filter((each) => each instanceof CfnLoadBalancer)
  const task = constructs.find((each) => each instanceof CfnTaskDefinition)
  return {
    shards: isOnDemand ? 0 : config.tickShards + config.barShards + config.signalShards,
    fanOutShards: isOnDemand ? 0 : fanOutShards(fanOutOf(config), config),
    onDemandStreams: isOnDemand ? 3 : 0,
    retentionHours: config.streamRetentionHours,
    database:
      ofType('AWS::RDS::DBInstance') === 0
        ? undefined
        : {
            instance: config.databaseInstance,
            zones: config.databaseZones === 'multi' ? 2 : 1,
            gib: config.databaseStorageGib,
            hasProxy: config.databaseProxy === 'on',
          },
    secrets: ofType('AWS::SecretsManager::Secret'),
    keys: ofType('AWS::KMS::Key'),
    webAcls: ofType('AWS::WAFv2::WebACL'),
    webAclRules: constructs
      .filter((each) => each instanceof CfnWebACL)
      .reduce((sum, { rules }) => sum + (Array.isArray(rules) ? rules.length : 0), 0),
    endpointZones: constructs
      .filter((each) => each instanceof CfnVPCEndpoint)
      .reduce((sum, { subnetIds = [] }) => sum + subnetIds.length, 0),
    metrics:
      partsOf(constructs).reduce((sum, { part }) => sum + METRICS[part].length, 0) +
      (config.venues === '' ? 0 : METRICS['venue-feed'].length) +
      ofType('AWS::Lambda::EventSourceMapping') * METRICS_OF_MAPPING,
    alarmMetrics: constructs
      .filter((each) => each instanceof CfnAlarm)
      .reduce((sum, alarm) => sum + metricsOf(alarm), 0),
    compositeAlarms: ofType('AWS::CloudWatch::CompositeAlarm'),
    dashboards: ofType('AWS::CloudWatch::Dashboard'),
    loadBalancers: balancers.length,
    loadBalancerZones: balancers.reduce((sum, { subnets = [] }) => sum + subnets.length, 0),
    tasks,
    taskVcpus: (tasks * Number(task?.cpu ?? 0)) / 1024,
    taskGb: (tasks * Number(task?.memory ?? 0)) / 1024,
  }
}

/** An alarm on an expression looks at each of the metrics in it. */
function metricsOf({ metrics }: CfnAlarm): number {
  if (!Array.isArray(metrics)) return 1
  return metrics.filter((metric: object) => 'metricStat' in metric && metric.metricStat !== undefined).length
}

function memories(constructs: readonly IConstruct[]): string {
  return partsOf(constructs)
    .map(({ part, node }) => {
      const { defaultChild } = node
      const memory = defaultChild instanceof CfnFunction ? defaultChild.memorySize : undefined
      return `${part}=${memory ?? 128}`
    })
    .join(' ')
}

function partsOf(constructs: readonly IConstruct[]): PartFunction[] {
  return constructs.filter((each) => each instanceof PartFunction)
}
