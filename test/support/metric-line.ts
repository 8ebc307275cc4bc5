import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'

/** A line as a function prints it; metrics named as latencies are in milliseconds. */
export function metricLine(
  service: string,
  values: Readonly<Record<string, number | readonly number[]>>,
  { logStream = 'one' }: { readonly logStream?: string } = {},
): string {
  const metrics = new Metrics({ namespace: 'TickStock', serviceName: service })
  metrics.addMetadata('logStream', logStream)
  for (const [name, given] of Object.entries(values))
    for (const value of [given].flat())
      metrics.addMetric(name, /Latency/.test(name) ? MetricUnit.Milliseconds : MetricUnit.Count, value)
  return JSON.stringify(metrics.serializeMetrics())
}
