import { Logger } from '@aws-lambda-powertools/logger'
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'

export type Telemetry = {
  readonly logger: Logger
  /** @param notes said beside the metrics, which is where a symbol may stand */
  readonly count: (counts: Readonly<Record<string, number>>, notes?: Readonly<Record<string, string>>) => void
}

/**
 * The metrics of a part, in the namespace that `lib/part-function.ts` sets; the only dimension is `service`, since each
 * further one multiplies the cost.
 */
export function createMetrics(service: string): Metrics {
  return new Metrics({ serviceName: service })
}

/** The logger of a part, and its metrics as embedded metric format lines on standard output. */
export function createTelemetry(service: string): Telemetry {
  const logger = new Logger({ serviceName: service })
  const metrics = createMetrics(service)
  return {
    logger,
    count: (counts, notes = {}) => {
      // Tells instances of a function apart, whose levels add up.
      metrics.addMetadata('logStream', process.env['AWS_LAMBDA_LOG_STREAM_NAME'] ?? '')
      for (const [name, value] of Object.entries(notes)) metrics.addMetadata(name, value)
      for (const [name, value] of Object.entries(counts)) metrics.addMetric(name, MetricUnit.Count, value)
      metrics.publishStoredMetrics()
    },
  }
}
