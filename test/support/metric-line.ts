import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'

/** A line as a function prints it; metrics named as latencies are in milliseconds. */
export function metricLine(
  service: string,
  values: Readonly<Record<string, number | readonly number[]>>,
  { logStream = 'one', lastPattern }: { readonly logStream?: string; readonly lastPattern?: string } = {},
): string {
  const metrics = new Metrics({ namespace: 'TickStock', serviceName: service })
  metrics.addMetadata('logStream', logStream)
  if (lastPattern !== undefined) metrics.addMetadata('lastPattern', lastPattern)
  for (const [name, given] of Object.entries(values))
    for (const value of [given].flat())
      metrics.addMetric(name, /Latency/.test(name) ? MetricUnit.Milliseconds : MetricUnit.Count, value)
  return JSON.stringify(metrics.serializeMetrics())
}
