import { Logger } from '@aws-lambda-powertools/logger'
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import type { MeteredPart, MetricName } from './metric-names.ts'

/** The metrics that a part has, and no others. */
export type PartMetrics<Part extends MeteredPart> = Pick<
  Metrics,
  'addMetadata' | 'hasStoredMetrics' | 'publishStoredMetrics' | 'serializeMetrics'
> & {
  addMetric(name: MetricName<Part>, unit: Parameters<Metrics['addMetric']>[1], value: number): void
}

/** A value for each metric of a part: all of them, since an alarm waits for each. */
export type Counts<Part extends MeteredPart> = Readonly<Record<MetricName<Part>, number>>

/** Values of some metrics of a part: one count each, or any number of latencies in milliseconds. */
type Measures<Part extends MeteredPart> = {
  readonly counts: Readonly<Partial<Record<MetricName<Part>, number>>>
  readonly latencies: Readonly<Partial<Record<MetricName<Part>, readonly number[]>>>
}

export type Telemetry<Part extends MeteredPart> = {
  readonly logger: Logger
  /** @param notes properties beside the metrics, for what must not be a dimension: a symbol */
  readonly count: (counts: Counts<Part>, notes?: Readonly<Record<string, string>>) => void
  readonly measure: (measures: Measures<Part>) => void
}

/**
 * The metrics of a part, in the namespace that `lib/part-function.ts` sets; the only dimension is `service`, since each
 * further one multiplies the cost.
 */
export function createMetrics<Part extends MeteredPart>(part: Part): PartMetrics<Part> {
  return new Metrics({ serviceName: part })
}

/** The logger of a part, and its metrics as embedded metric format lines on standard output. */
export function createTelemetry<Part extends MeteredPart>(part: Part): Telemetry<Part> {
  const metrics = new Metrics({ serviceName: part })
  return {
    logger: new Logger({ serviceName: part }),
    count: (counts, notes = {}) => {
      // Tells the instances of a function apart, whose levels are summed.
      metrics.addMetadata('logStream', process.env['AWS_LAMBDA_LOG_STREAM_NAME'] ?? '')
      for (const [name, value] of Object.entries(notes)) metrics.addMetadata(name, value)
      addAll(metrics, MetricUnit.Count, counts)
      metrics.publishStoredMetrics()
    },
    measure: ({ counts, latencies }) => {
      addAll(metrics, MetricUnit.Count, counts)
      addAll(metrics, MetricUnit.Milliseconds, latencies)
      // Powertools has published already when the last value was the hundredth of its metric.
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics()
    },
  }
}

function addAll(
  metrics: Metrics,
  unit: Parameters<Metrics['addMetric']>[1],
  values: Readonly<Record<string, number | readonly number[] | undefined>>,
): void {
  for (const [name, given = []] of Object.entries(values))
    for (const value of typeof given === 'number' ? [given] : given) metrics.addMetric(name, unit, value)
}
