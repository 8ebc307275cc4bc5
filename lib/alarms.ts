import { Duration } from 'aws-cdk-lib'
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch'
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb'
import type { Construct } from 'constructs'

import { nameOf } from '../functions/shared/runtime/deployment-name.ts'
import { type Config, isOnAws } from './config/config.ts'
import { sumOf } from './metrics.ts'
import type { PartFunction } from './part-function.ts'
import type { Consumption } from './stream-consumer.ts'

const MINUTE = Duration.minutes(1)
/** A function this far behind its stream is late. */
const LATE_MS = 60_000

export type AlarmProps = {
  /** The alarm's name without the stage, and the heading of its section in docs/runbook.md. */
  readonly name: string
  /** Its section of docs/runbook.md, where several share one. @default its name */
  readonly section?: string
  /** What is wrong when it is in alarm, in one sentence. */
  readonly says: string
  readonly metric: IMetric
  /** In alarm while the metric is above this, */
  readonly above?: number
  /** or below this, */
  readonly below?: number
  /** in so many of so many periods. @default [3, 5] */
  readonly periods?: readonly [number, number]
  /** What silence means. @default fine */
  readonly silence?: 'fine' | 'wrong'
}

/** Makes an alarm that names its section of the runbook; none in stage `local`. */
export function createAlarm(scope: Construct, config: Config, props: AlarmProps): Alarm[] {
  if (!isOnAws(config)) return []
  const { name, section = name, metric, above, below, periods = [3, 5], silence = 'fine' } = props
  const [datapointsToAlarm, evaluationPeriods] = periods
  return [
    new Alarm(scope, idOf(name), {
      alarmName: `${nameOf(config)}-${name}`,
      alarmDescription: `${props.says} What to do: docs/runbook.md#${section}`,
      metric,
      threshold: above ?? below ?? 0,
      comparisonOperator:
        below === undefined
          ? ComparisonOperator.GREATER_THAN_THRESHOLD
          : ComparisonOperator.LESS_THAN_THRESHOLD,
      datapointsToAlarm,
      evaluationPeriods,
      treatMissingData: silence === 'wrong' ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    }),
  ]
}

/**
 * Whether an alarm detects bad new code within minutes. Alarms on an event source mapping do not, and would be circular:
 * they need the mapping, which needs the alias, which CodeDeploy moves. An alarm on missing data starts in alarm.
 */
export function tellsOfNewCode(alarm: Alarm, { part }: PartFunction): boolean {
  const others = ['gave-up', 'idle', 'silent'].map((each) => idOf(`${part}-${each}`))
  return !others.includes(alarm.node.id)
}

/**
 * Whether an alarm of a part sends its own mail: one about the incoming trades, which may stay in alarm for long, and one
 * about a loss, which no other alarm may hide.
 */
export function mailsByItself(alarm: Alarm, { part }: PartFunction): boolean {
  return [idOf('ticks-rejected'), idOf(`${part}-lost`)].includes(alarm.node.id)
}

function idOf(name: string): string {
  return `Alarm-${name}`
}

/**
 * `<part>-errors` and `<part>-throttles`.
 *
 * @param options.failures a metric of the function, beside the invocations that ended in an error
 * @param options.periods minutes with errors, of how many, until it is in alarm
 */
export function functionAlarms(
  fn: PartFunction,
  options: { readonly failures?: IMetric; readonly periods?: readonly [number, number] } = {},
): Alarm[] {
  const { config, part } = fn
  const errors = fn.metricErrors({ period: MINUTE })
  const { failures, periods } = options
  return [
    ...createAlarm(fn, config, {
      name: `${part}-errors`,
      says: `The function ${part} fails.`,
      metric: failures === undefined ? errors : sumOf({ errors, failures }, 'failed'),
      above: 0,
      ...(periods && { periods }),
    }),
    ...createAlarm(fn, config, {
      name: `${part}-throttles`,
      says: `AWS does not let the function ${part} run: too many run at once.`,
      metric: fn.metricThrottles({ period: MINUTE }),
      above: 0,
    }),
  ]
}

/**
 * Those of every function, `<part>-late`, `<part>-idle`, `<part>-gave-up` and `<part>-lost`.
 *
 * @param options.consumptions what `consume` returned for each of its streams
 * @param options.batchedSeconds how long its records may be batched, which is no lateness. @default 0
 */
export function consumerAlarms(
  fn: PartFunction,
  options: {
    readonly consumptions: readonly Consumption[]
    readonly failures?: IMetric
    readonly batchedSeconds?: number
  },
): Alarm[] {
  const { config, part } = fn
  const { consumptions, batchedSeconds = 0 } = options
  const dropped = consumptions.map((each, index) => [`stream${index}`, each.dropped] as const)
  return [
    ...functionAlarms(fn, options),
    ...createAlarm(fn, config, {
      name: `${part}-late`,
      says: `The function ${part} is more than ${60 + batchedSeconds} s behind its stream.`,
      metric: fn.metric('IteratorAge', { statistic: 'Maximum', period: MINUTE }),
      above: LATE_MS + batchedSeconds * 1000,
    }),
    ...createAlarm(fn, config, {
      name: `${part}-idle`,
      says: `Records come on a stream of the function ${part}, and it is not called for them.`,
      metric: idleStreams(consumptions),
      above: 0,
      periods: [3, 3],
    }),
    ...createAlarm(fn, config, {
      name: `${part}-gave-up`,
      says: `The function ${part} has given up on records that it could not process.`,
      metric: sumOf(Object.fromEntries(dropped), 'given up'),
      above: 0,
      periods: [1, 1],
    }),
    ...createAlarm(fn, config, {
      name: `${part}-lost`,
      says: `Records that the function ${part} could not process could not be put into the dead-letter bucket either.`,
      metric: fn.metric('DestinationDeliveryFailures', { statistic: 'Sum', period: MINUTE }),
      above: 0,
      periods: [1, 1],
    }),
  ]
}

/** Streams whose records the function has not received, over five minutes: batching takes some seconds. */
function idleStreams(consumptions: readonly Consumption[]): IMetric {
  const period = Duration.minutes(5)
  const pairs = consumptions.flatMap(({ incoming, invoked }, index) => [
    [`incoming${index}`, incoming.with({ period })] as const,
    [`invoked${index}`, invoked.with({ period })] as const,
  ])
  const idle = consumptions.map(
    // An idle mapping has no data, which a sum counts as 0.
    (_each, index) => `IF(incoming${index} > 0 AND SUM([invoked${index}, incoming${index} * 0]) < 1, 1, 0)`,
  )
  return new MathExpression({
    expression: idle.length === 1 ? idle.join('') : `SUM([${idle.join(', ')}])`,
    usingMetrics: Object.fromEntries(pairs),
    label: 'idle streams',
    period,
  })
}

/** Reads and writes that DynamoDB refused of tables, since they come faster than it takes them. */
export function throttlesOf(tables: readonly ITableV2[]): IMetric {
  const events = tables.flatMap((table, index) =>
    (['Read', 'Write'] as const).map(
      (kind) =>
        [
          `${kind.toLowerCase()}s${index}`,
          table.metric(`${kind}ThrottleEvents`, { statistic: 'Sum', period: MINUTE }),
        ] as const,
    ),
  )
  return sumOf(Object.fromEntries(events), 'throttled')
}
