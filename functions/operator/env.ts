import * as z from 'zod'

import { FLAG_NAMES } from '../shared/runtime/flag-names.ts'

/** The environment of the part `operator`; set by `lib/operator.ts`. */
export const operatorEnvironment = z.object({
  /** What the names of alarms and functions begin with, as `tickstock-prod`. */
  DEPLOYMENT: z.string().min(1),
  /** Where the feature flags are, */
  FLAGS_PATH: z.string().startsWith('/'),
  /** and which there are, with spaces between them. */
  FLAGS: z.string().transform((text, context) => {
    const names = z.array(z.enum(FLAG_NAMES)).safeParse(text.split(' '))
    if (names.success) return names.data
    context.addIssue({ code: 'custom', message: `allowed are ${FLAG_NAMES.join(', ')}` })
    return z.NEVER
  }),
  DEAD_LETTER_BUCKET: z.string().min(1),
  MINUTE_STATE_TABLE: z.string().min(1),
  /** Name of the stream `ticks`. */
  TICKS_STREAM: z.string().min(1),
  /** Name of the table `actions`. */
  ACTIONS_TABLE: z.string().min(1),
  /** Whether there are metrics and alarms of this stage in CloudWatch. */
  CLOUDWATCH: z.enum(['on', 'off']),
  /** Of the metrics of this stage. */
  METRICS_NAMESPACE: z.string().min(1),
  /** What costs money even when idle, in dollars per hour; empty where the instance of the database has no price. */
  STANDING_COST: z.string().transform((text) => (text === '' ? undefined : Number(text))),
  STREAM_MODE: z.enum(['provisioned', 'on-demand']),
  /** Memory of each function in MB by its part: `api=1024 sweeper=512`. */
  FUNCTIONS_MB: z
    .string()
    .transform((text) => new Map(text.split(' ').map((each) => memoryOf(each.split('='))))),
  /** The consumers of streams, with spaces between them. */
  CONSUMERS: z.string().transform((text) => text.split(' ')),
})

export type OperatorEnvironment = z.input<typeof operatorEnvironment>

function memoryOf([part = '', megabytes = '']: readonly string[]): [string, number] {
  return [part, Number(megabytes)]
}
