import * as z from 'zod'
import { arnOf, because, inert, inertProperties, physicalName, resourceType } from './resource-type.ts'

/**
 * Resources that are accepted and do nothing on one machine: who may do what, what is logged where, and who is
 * alarmed. Their properties are checked to be known ones, and their `Ref` and attributes have AWS's form.
 */
const withoutEffect = (
  why: string,
  names: readonly string[],
  identity: { readonly nameProperty?: string; readonly arn?: { service: string; prefix: string } } = {},
) =>
  resourceType({
    properties: z.strictObject(
      inertProperties(why, ...names, ...(identity.nameProperty ? [identity.nameProperty] : [])),
    ),
    create: (properties, context) => {
      const given = z.string().safeParse(properties[identity.nameProperty ?? ''])
      const ref = given.success ? given.data : physicalName(context, 128)
      if (identity.arn === undefined) return { ref, attributes: {} }
      const { service, prefix } = identity.arn
      return { ref, attributes: { Arn: arnOf(context, service, prefix + ref) } }
    },
  })

export const iamRole = resourceType({
  properties: z.strictObject({
    RoleName: z.string().optional(),
    ...inertProperties(
      because.access,
      'AssumeRolePolicyDocument',
      'Description',
      'ManagedPolicyArns',
      'MaxSessionDuration',
      'Path',
      'PermissionsBoundary',
      'Policies',
      'Tags',
    ),
  }),
  create: ({ RoleName }, context) => {
    const name = RoleName ?? physicalName(context, 64)
    return { ref: name, attributes: { Arn: `arn:aws:iam::${context.accountId}:role/${name}`, RoleId: name } }
  },
})

export const iamPolicy = withoutEffect(because.access, ['PolicyDocument', 'Groups', 'Roles', 'Users'], {
  nameProperty: 'PolicyName',
})

export const bucketPolicy = withoutEffect(because.access, ['PolicyDocument'], { nameProperty: 'Bucket' })

export const lambdaPermission = withoutEffect(because.access, [
  'Action',
  'EventSourceToken',
  'FunctionName',
  'FunctionUrlAuthType',
  'InvokedViaFunctionUrl',
  'Principal',
  'PrincipalOrgID',
  'SourceAccount',
  'SourceArn',
])

export const logGroup = withoutEffect(
  'the runtime keeps the newest 10,000 lines of each function',
  ['DataProtectionPolicy', 'FieldIndexPolicies', 'KmsKeyId', 'LogGroupClass', 'RetentionInDays', 'Tags'],
  { nameProperty: 'LogGroupName', arn: { service: 'logs', prefix: 'log-group:' } },
)

const nobody = 'nobody is alarmed'

const alarmActions = [
  'ActionsEnabled',
  'AlarmActions',
  'AlarmDescription',
  'InsufficientDataActions',
  'OKActions',
  'Tags',
]

const alarmIdentity = { nameProperty: 'AlarmName', arn: { service: 'cloudwatch', prefix: 'alarm:' } }

export const alarm = withoutEffect(
  nobody,
  [
    ...alarmActions,
    'ComparisonOperator',
    'DatapointsToAlarm',
    'Dimensions',
    'EvaluateLowSampleCountPercentile',
    'EvaluationPeriods',
    'ExtendedStatistic',
    'MetricName',
    'Metrics',
    'Namespace',
    'Period',
    'Statistic',
    'Threshold',
    'ThresholdMetricId',
    'TreatMissingData',
    'Unit',
  ],
  alarmIdentity,
)

export const compositeAlarm = withoutEffect(
  nobody,
  [
    ...alarmActions,
    'ActionsSuppressor',
    'ActionsSuppressorExtensionPeriod',
    'ActionsSuppressorWaitPeriod',
    'AlarmRule',
  ],
  alarmIdentity,
)

export const dashboard = withoutEffect('nothing is drawn', ['DashboardBody'], {
  nameProperty: 'DashboardName',
})

export const cdkMetadata = resourceType({
  properties: z.strictObject({ Analytics: inert(because.naming) }),
  create: (_properties, { logicalId }) => ({ ref: logicalId, attributes: {} }),
})
