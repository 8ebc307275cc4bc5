import * as z from 'zod'

/** Counts of the resources of a template that cost money even when idle. */
export type Inventory = {
  /** Names without prefix and stage. */
  readonly functions: readonly string[]
  readonly eventSourceMappings: number
  readonly databases: number
  readonly secrets: number
  readonly keys: number
  readonly webAcls: number
  readonly webAclRules: number
  readonly alarmMetrics: number
  readonly compositeAlarms: number
  readonly dashboards: number
  /** Zones times interface endpoints. */
  readonly endpointZones: number
  readonly loadBalancers: number
  readonly loadBalancerZones: number
  /** Of all Fargate services together, which have one size. */
  readonly tasks: number
  readonly taskVcpus: number
  readonly taskGb: number
}

const templateSchema = z.object({
  Resources: z.record(z.string(), z.object({ Type: z.string(), Properties: z.looseObject({}).default({}) })),
})
/** Functions of the CDK itself, which run at a deployment only, have no name. */
const functionSchema = z.object({ FunctionName: z.string().optional() })
const endpointSchema = z.object({ VpcEndpointType: z.string(), SubnetIds: z.array(z.unknown()).default([]) })
const serviceSchema = z.object({ DesiredCount: z.number() })
const balancerSchema = z.object({ Subnets: z.array(z.unknown()) })
const taskSchema = z.object({ Cpu: z.coerce.number(), Memory: z.coerce.number() })
const webAclSchema = z.object({ Rules: z.array(z.unknown()) })
const alarmSchema = z.object({
  Metrics: z.array(z.object({ MetricStat: z.unknown().optional() })).default([{ MetricStat: {} }]),
})

/** Counts them in the CloudFormation templates of a deployment. */
export function takeInventory(...templates: readonly unknown[]): Inventory {
  const resources = templates.flatMap((each) => Object.values(templateSchema.parse(each).Resources))
  const ofType = (type: string) =>
    resources.filter(({ Type }) => Type === type).map(({ Properties }) => Properties)
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)
  const tasks = sum(ofType('AWS::ECS::Service').map((each) => serviceSchema.parse(each).DesiredCount))
  const balancers = ofType('AWS::ElasticLoadBalancingV2::LoadBalancer').map((each) =>
    balancerSchema.parse(each),
  )
  const [task] = ofType('AWS::ECS::TaskDefinition').map((each) => taskSchema.parse(each))
  return {
    functions: ofType('AWS::Lambda::Function').flatMap(
      (each) => functionSchema.parse(each).FunctionName?.replace(/^.*-(local|dev|prod)-/, '') ?? [],
    ),
    eventSourceMappings: ofType('AWS::Lambda::EventSourceMapping').length,
    databases: ofType('AWS::RDS::DBInstance').length,
    secrets: ofType('AWS::SecretsManager::Secret').length,
    keys: ofType('AWS::KMS::Key').length,
    webAcls: ofType('AWS::WAFv2::WebACL').length,
    webAclRules: sum(ofType('AWS::WAFv2::WebACL').map((each) => webAclSchema.parse(each).Rules.length)),
    alarmMetrics: sum(
      ofType('AWS::CloudWatch::Alarm').map(
        (each) => alarmSchema.parse(each).Metrics.filter(({ MetricStat }) => MetricStat !== undefined).length,
      ),
    ),
    compositeAlarms: ofType('AWS::CloudWatch::CompositeAlarm').length,
    dashboards: ofType('AWS::CloudWatch::Dashboard').length,
    endpointZones: sum(
      ofType('AWS::EC2::VPCEndpoint')
        .map((each) => endpointSchema.parse(each))
        .filter(({ VpcEndpointType }) => VpcEndpointType === 'Interface')
        .map(({ SubnetIds }) => SubnetIds.length),
    ),
    loadBalancers: balancers.length,
    loadBalancerZones: sum(balancers.map(({ Subnets }) => Subnets.length)),
    tasks,
    taskVcpus: (tasks * (task?.Cpu ?? 0)) / 1024,
    taskGb: (tasks * (task?.Memory ?? 0)) / 1024,
  }
}
