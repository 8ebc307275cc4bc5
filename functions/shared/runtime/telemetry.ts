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

/** How often each thing happened: all of them, since an alarm waits for each. */
export type Counts<Part extends MeteredPart> = Readonly<Record<MetricName<Part>, number>>

export type Telemetry<Part extends MeteredPart> = {
  readonly logger: Logger
  /** @param notes said beside the metrics, which is where a symbol may stand */
  readonly count: (counts: Counts<Part>, notes?: Readonly<Record<string, string>>) => void
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
  const logger = new Logger({ serviceName: part })
  const metrics = new Metrics({ serviceName: part })
  return {
    logger,
    count: (counts, notes = {}) => {
      // Tells instances of a function apart, whose levels add up.
      metrics.addMetadata('logStream', process.env['AWS_LAMBDA_LOG_STREAM_NAME'] ?? '')
      for (const [name, value] of Object.entries(notes)) metrics.addMetadata(name, value)
      for (const [name, value] of Object.entries<number>(counts))
        metrics.addMetric(name, MetricUnit.Count, value)
      metrics.publishStoredMetrics()
    },
  }
}
