import { defineService } from '../../service.ts'
import { withoutEffect } from '../../template/without-effect.ts'

const noAlarms = 'alarms do not fire'

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
  noAlarms,
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
  noAlarms,
  [
    ...alarmActions,
    'ActionsSuppressor',
    'ActionsSuppressorExtensionPeriod',
    'ActionsSuppressorWaitPeriod',
    'AlarmRule',
  ],
  alarmIdentity,
)

const dashboard = withoutEffect('there is no console to show it', ['DashboardBody'], {
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
