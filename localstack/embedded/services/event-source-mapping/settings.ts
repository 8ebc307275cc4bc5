import * as z from 'zod'

/** How an event source mapping behaves; the names and meanings of Lambda, times in milliseconds. */
export type EventSourceMappingSettings = {
  readonly enabled: boolean
  readonly batchSize: number
  readonly batchingWindowMs: number
  readonly start:
    | { readonly type: 'trim-horizon' }
    | { readonly type: 'latest' }
    | { readonly type: 'at-timestamp'; readonly time: number }
  readonly bisectOnError: boolean
  /** Retries after the first attempt; `undefined` retries until the records are too old. */
  readonly maxRetries: number | undefined
  /** `undefined` never discards a record for its age. */
  readonly maxRecordAgeMs: number | undefined
  readonly reportsItemFailures: boolean
  /** The ARN of the bucket that takes what is discarded. */
  readonly failureBucketArn: string | undefined
}

const infinite = -1

const schema = z
  .object({
    FunctionName: z.unknown().optional(),
    EventSourceArn: z.unknown().optional(),
    Tags: z.unknown().optional(),
    Enabled: z.boolean().default(true),
    BatchSize: z.int().min(1).max(10_000).default(100),
    MaximumBatchingWindowInSeconds: z.int().min(0).max(300).default(0),
    ParallelizationFactor: z
      .literal(1, 'only 1 is supported: records of a shard are handled strictly in order')
      .default(1),
    StartingPosition: z.enum(['TRIM_HORIZON', 'LATEST', 'AT_TIMESTAMP']),
    StartingPositionTimestamp: z.number().positive().optional(),
    BisectBatchOnFunctionError: z.boolean().default(false),
    MaximumRetryAttempts: z.int().min(infinite).max(10_000).default(infinite),
    MaximumRecordAgeInSeconds: z
      .union([z.literal(infinite), z.int().min(60).max(604_800)], 'must be -1 or between 60 and 604800')
      .default(infinite),
    FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).max(1).default([]),
    DestinationConfig: z
      .strictObject({
        OnFailure: z
          .strictObject({
            Destination: z
              .string()
              .regex(/^arn:aws[^:]*:s3:::[^/]+$/, 'only the ARN of an S3 bucket is supported'),
          })
          .optional(),
      })
      .optional(),
  })
  .refine(
    ({ StartingPosition, StartingPositionTimestamp }) =>
      (StartingPosition === 'AT_TIMESTAMP') === (StartingPositionTimestamp !== undefined),
    {
      path: ['StartingPositionTimestamp'],
      error: 'belongs to the StartingPosition AT_TIMESTAMP, and is required there',
    },
  )

/**
 * Reads the properties of an `AWS::Lambda::EventSourceMapping` on a Kinesis stream.
 * @throws Error naming each property that is wrong or not supported.
 */
export function parseEventSourceMappingSettings(
  name: string,
  properties: Readonly<Record<string, unknown>>,
): EventSourceMappingSettings {
  const known = Object.keys(schema.shape)
  const unsupported = Object.keys(properties).filter((property) => !known.includes(property))
  if (unsupported.length > 0) {
    throw new Error(
      `Event source mapping ${name}: the embedded runtime does not support ${unsupported.join(', ')}. ` +
        `Remove it; supported are ${known.join(', ')}.`,
    )
  }
  const parsed = schema.safeParse(properties)
  if (!parsed.success) {
    const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
    throw new Error(`Event source mapping ${name}: ${issues.join('; ')}.`)
  }
  const given = parsed.data
  return {
    enabled: given.Enabled,
    batchSize: given.BatchSize,
    batchingWindowMs: given.MaximumBatchingWindowInSeconds * 1_000,
    start: startOf(given.StartingPosition, given.StartingPositionTimestamp),
    bisectOnError: given.BisectBatchOnFunctionError,
    maxRetries: unlessInfinite(given.MaximumRetryAttempts, 1),
    maxRecordAgeMs: unlessInfinite(given.MaximumRecordAgeInSeconds, 1_000),
    reportsItemFailures: given.FunctionResponseTypes.length > 0,
    failureBucketArn: given.DestinationConfig?.OnFailure?.Destination,
  }
}

function unlessInfinite(value: number, unit: number) {
  return value === infinite ? undefined : value * unit
}

function startOf(
  position: 'TRIM_HORIZON' | 'LATEST' | 'AT_TIMESTAMP',
  timestamp = 0,
): EventSourceMappingSettings['start'] {
  if (position === 'AT_TIMESTAMP') return { type: 'at-timestamp', time: timestamp * 1_000 }
  return { type: position === 'LATEST' ? 'latest' : 'trim-horizon' }
}
