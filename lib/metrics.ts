import { Duration } from 'aws-cdk-lib'
import { type IMetric, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch'

import { DEFAULT_PREFIX } from '../functions/shared/runtime/deployment-name.ts'
import type { MeteredPart, MetricName } from '../functions/shared/runtime/metric-names.ts'
import type { Config } from './config/config.ts'

const MINUTE = Duration.minutes(1)

/** The namespace of a stage's metrics: one account may contain several stages. */
export function metricsNamespace({ prefix, stage }: Pick<Config, 'prefix' | 'stage'>): string {
  return prefix === DEFAULT_PREFIX ? `TickStock/${stage}` : `TickStock/${prefix}-${stage}`
}

/** A metric that a part writes to its log in the embedded metric format, per minute. */
export function partMetric<Part extends MeteredPart>(
  config: Pick<Config, 'prefix' | 'stage'>,
  part: Part,
  { name, statistic = 'Sum', label = name }: { name: MetricName<Part>; statistic?: string; label?: string },
): Metric {
  return new Metric({
    namespace: metricsNamespace(config),
    metricName: name,
    dimensionsMap: { service: part },
    statistic,
    label,
    period: MINUTE,
  })
}

/** The sum of any metrics, of which one without data counts as 0; in the expression they are `name0`, `name1` and so on. */
export function sumOfAll(
  metrics: readonly Metric[],
  { name, label, period }: { readonly name: string; readonly label: string; readonly period: Duration },
): IMetric {
  const named = metrics.map((metric, index) => [`${name}${index}`, metric.with({ period })] as const)
  return sumOf(Object.fromEntries(named), label, period)
}

/** A sum in which a metric without data counts as 0. */
export function sumOf(metrics: Readonly<Record<string, IMetric>>, label: string, period = MINUTE): IMetric {
  const [only, ...others] = Object.values(metrics)
  if (only !== undefined && others.length === 0) return only
  return new MathExpression({
    expression: `SUM([${Object.keys(metrics).join(', ')}])`,
    usingMetrics: { ...metrics },
    label,
    period,
  })
}
