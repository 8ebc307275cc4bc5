import * as z from 'zod'

import { FLAG_NAMES } from '../shared/runtime/flag-names.ts'

/** The environment of the part `operator`; set by `lib/operator.ts`. */
export const operatorEnvironment = z.object({
  STAGE: z.string().min(1),
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
  /** The consumers of streams, with spaces between them. */
  CONSUMERS: z.string().transform((text) => text.split(' ')),
})

export type OperatorEnvironment = z.input<typeof operatorEnvironment>
