import { defineService } from '../../service.ts'
import { withoutEffect } from '../../template/without-effect.ts'

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

const alarm = withoutEffect(
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

const compositeAlarm = withoutEffect(
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

const dashboard = withoutEffect('nothing is drawn', ['DashboardBody'], {
  nameProperty: 'DashboardName',
})

/** CloudWatch: alarms and dashboards are accepted, and do nothing. */
export const cloudwatch = defineService({
  name: 'cloudwatch',
  resourceTypes: {
    'AWS::CloudWatch::Alarm': alarm,
    'AWS::CloudWatch::CompositeAlarm': compositeAlarm,
    'AWS::CloudWatch::Dashboard': dashboard,
  },
  open: () => ({ api: undefined }),
})
