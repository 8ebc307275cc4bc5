import type { Metric, MetricLine } from './metric-line.ts'

/** What CloudWatch computes of a metric over a period. */
export type Statistics = {
  readonly service: string
  readonly name: string
  readonly unit: string
  readonly samples: number
  readonly sum: number
  readonly average: number
  readonly minimum: number
  readonly p50: number
  readonly p99: number
  readonly maximum: number
}

/** The metrics of the last while, by service and name. */
export class MetricWindow {
  readonly #periodMs: number
  #lines: { readonly at: number; readonly line: MetricLine }[] = []

  constructor(periodMs: number) {
    this.#periodMs = periodMs
  }

  /** Takes a line that was printed at this time, in Unix milliseconds. */
  add(at: number, line: MetricLine): void {
    this.#lines.push({ at, line })
  }

  /** The statistics of the period that ends now, by service and name; discards what is older. */
  get(now: number): Statistics[] {
    this.#lines = this.#lines.filter(({ at }) => at > now - this.#periodMs)
    const found = new Map<string, { service: string; metric: Metric; values: number[] }>()
    for (const { line } of this.#lines)
      for (const metric of line.metrics) {
        const key = `${line.service} ${metric.name}`
        const known = found.get(key) ?? { service: line.service, metric, values: [] }
        for (const value of metric.values) known.values.push(value)
        found.set(key, known)
      }
    return [...found]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { service, metric, values }]) => ({ service, ...statisticsOf(metric, values) }))
  }
}

function statisticsOf({ name, unit }: Metric, values: readonly number[]): Omit<Statistics, 'service'> {
  const sorted = Float64Array.from(values).toSorted()
  const quantile = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  const sum = values.reduce((total, value) => total + value, 0)
  return {
    name,
    unit,
    samples: values.length,
    sum,
    average: sum / values.length,
    minimum: quantile(0),
    p50: quantile(0.5),
    p99: quantile(0.99),
    maximum: quantile(1),
  }
}
