import * as z from 'zod'

const customResourceSchema = z.object({
  RequestType: z.enum(['Create', 'Update', 'Delete']),
  ResponseURL: z.url({ protocol: /^https?$/ }),
  StackId: z.string(),
  RequestId: z.string(),
  LogicalResourceId: z.string(),
  PhysicalResourceId: z.string().optional(),
})

/** What CloudFormation sends to a custom resource. */
export type CustomResourceEvent = Readonly<z.infer<typeof customResourceSchema>>

const rotationSchema = z
  .object({
    Step: z.enum(['createSecret', 'setSecret', 'testSecret', 'finishSecret']),
    SecretId: z.string(),
    ClientRequestToken: z.string(),
  })
  .transform(({ Step, SecretId, ClientRequestToken }) => ({
    step: Step,
    secretArn: SecretId,
    version: ClientRequestToken,
  }))

/** What Secrets Manager asks for while it rotates a secret. */
export type RotationStep = Readonly<z.infer<typeof rotationSchema>>

const directSchema = z.discriminatedUnion('type', [
  /** At each deployment, for those who deploy without CloudFormation. */
  z.object({ type: z.literal('migrate') }),
  /** From the schedule. */
  z.object({ type: z.literal('maintain') }),
  /** By hand: shows the activity of the database, which nothing else can reach. */
  z.object({ type: z.literal('diagnose') }),
  /** By hand: ends the session with that process id, which `diagnose` lists. */
  z.object({ type: z.literal('end-session'), pid: z.int().positive() }),
])

export type MigratorEvent =
  | { readonly type: 'migrate' }
  | { readonly type: 'maintain' }
  | { readonly type: 'diagnose' }
  | { readonly type: 'end-session'; readonly pid: number }
  | { readonly type: 'rotate'; readonly rotation: RotationStep }
  | { readonly type: 'custom-resource'; readonly request: CustomResourceEvent }

/** @throws Error when the event is not one of the migrator's */
export function parseEvent(event: unknown): MigratorEvent {
  const direct = directSchema.safeParse(event)
  if (direct.success) return direct.data
  const rotation = rotationSchema.safeParse(event)
  if (rotation.success) return { type: 'rotate', rotation: rotation.data }
  const request = customResourceSchema.safeParse(event)
  if (request.success) return { type: 'custom-resource', request: request.data }
  throw new Error(
    'the migrator takes {"type":"migrate"}, {"type":"maintain"}, {"type":"diagnose"}, {"type":"end-session","pid":1}, a step of a rotation or a custom resource event; ' +
      `as the latter this one is wrong in ${request.error.issues.map(({ path }) => path.join('.') || 'its type').join(', ')}`,
  )
}
