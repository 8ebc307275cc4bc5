import * as z from 'zod'

/** What the schedule, the function itself and operators with a role of AWS call it with. */
export const commandSchema = z.discriminatedUnion('type', [
  /** Each minute: looks for silent symbols, and delivers what is due. */
  z.strictObject({ type: z.literal('minute') }),
  /** Something has fired: delivers what is due. */
  z.strictObject({ type: z.literal('deliver') }),
  /** A request as of the REST API, from the command line or the dashboard of this machine. */
  z.strictObject({
    type: z.literal('request'),
    method: z.enum(['GET', 'POST', 'DELETE']),
    path: z.string().startsWith('/v1/alerts'),
    query: z.record(z.string(), z.string()).default({}),
    body: z.string().optional(),
    by: z.string().min(1).max(200),
  }),
])
export type AlerterCommand = z.input<typeof commandSchema>
