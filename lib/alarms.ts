import { Duration } from 'aws-cdk-lib'
import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import type { Construct } from 'constructs'

import { type Config, isOnAws } from './config.ts'
import { sumOf } from './metrics.ts'
import type { PartFunction } from './part-function.ts'

const MINUTE = Duration.minutes(1)
/** A function this far behind its stream gives bars that nobody waits for any more. */
const LATE_MS = 60_000

export type AlarmProps = {
  /** The alarm's name without the stage, and the heading of its section in docs/runbook.md. */
  readonly name: string
  /** What is wrong when it rings, in one sentence. */
  readonly says: string
  readonly metric: IMetric
  /** It rings while the metric is above that, */
  readonly above?: number
  /** or below that, */
  readonly below?: number
  /** in so many of so many periods. @default [3, 5] */
  readonly periods?: readonly [number, number]
  /** What silence means. @default fine */
  readonly silence?: 'fine' | 'wrong'
}

/** Makes an alarm that names its section of the runbook; none in stage `local`. */
export function createAlarm(scope: Construct, config: Config, props: AlarmProps): Alarm[] {
  if (!isOnAws(config)) return []
  const { name, metric, above, below, periods = [3, 5], silence = 'fine' } = props
  const [datapointsToAlarm, evaluationPeriods] = periods
  return [
    new Alarm(scope, idOf(name), {
      alarmName: `tickstock-${config.stage}-${name}`,
      alarmDescription: `${props.says} What to do: docs/runbook.md#${name}`,
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
 * Whether an alarm can tell within minutes that new code is bad. `<part>-gave-up` cannot, and it needs the event source
 * mapping, which needs the alias, which CodeDeploy moves: a circle.
 */
export function tellsOfNewCode(alarm: Alarm, { part }: PartFunction): boolean {
  return alarm.node.id !== idOf(`${part}-gave-up`)
}

function idOf(name: string): string {
  return `Alarm-${name}`
}

/**
 * `<part>-errors` and `<part>-throttles`.
 *
 * @param options.failures what the function counts itself, beside the invocations that ended in an error
 * @param options.periods minutes with errors, of how many, until it rings
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
 * Those of every function, `<part>-late` and `<part>-gave-up`.
 *
 * @param options.givenUp what `consume` returned for each of its streams
 */
export function consumerAlarms(
  fn: PartFunction,
  options: { readonly givenUp: readonly IMetric[]; readonly failures?: IMetric },
): Alarm[] {
  const { config, part } = fn
  const streams = Object.fromEntries(options.givenUp.map((metric, index) => [`stream${index}`, metric]))
  return [
    ...functionAlarms(fn, options),
    ...createAlarm(fn, config, {
      name: `${part}-late`,
      says: `The function ${part} is more than a minute behind its stream.`,
      metric: fn.metric('IteratorAge', { statistic: 'Maximum', period: MINUTE }),
      above: LATE_MS,
    }),
    ...createAlarm(fn, config, {
      name: `${part}-gave-up`,
      says: `Records that the function ${part} could not process are in the dead-letter bucket.`,
      metric: sumOf(streams, 'given up'),
      above: 0,
      periods: [1, 1],
    }),
  ]
}
