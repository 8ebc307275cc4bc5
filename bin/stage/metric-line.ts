import * as z from 'zod'

/** The content of a line in CloudWatch's embedded metric format. */
export type MetricLine = {
  readonly service: string
  /** Tells instances of a function apart. */
  readonly logStream: string
  readonly metrics: readonly Metric[]
  /** The symbol and the name of a pattern that was just found. */
  readonly lastPattern: string | undefined
}

/** The values of one metric. */
export type Metric = { readonly name: string; readonly unit: string; readonly values: readonly number[] }

const lineSchema = z.looseObject({
  service: z.string().default(''),
  logStream: z.string().default(''),
  lastPattern: z.string().optional(),
  _aws: z.object({
    CloudWatchMetrics: z.array(
      z.object({ Metrics: z.array(z.object({ Name: z.string(), Unit: z.string().default('None') })) }),
    ),
  }),
})
const valuesSchema = z.union([z.number().transform((value) => [value]), z.array(z.number())])

/** Reads a line of a function's output; undefined when it is not one of metrics. */
export function readMetricLine(text: string): MetricLine | undefined {
  if (!text.startsWith('{') || !text.includes('"CloudWatchMetrics"')) return undefined
  const parsed = lineSchema.safeParse(parseJson(text))
  if (!parsed.success) return undefined
  const { service, logStream, lastPattern, _aws, ...members } = parsed.data
  const metrics = _aws.CloudWatchMetrics.flatMap(({ Metrics }) => Metrics).flatMap(({ Name, Unit }) => {
    const values = valuesSchema.safeParse(members[Name])
    return values.success ? [{ name: Name, unit: Unit, values: values.data }] : []
  })
  return { service, logStream, metrics, lastPattern }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
