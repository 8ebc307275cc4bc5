import { readAssembly } from 'embedded-aws'
import * as z from 'zod'

/** The function of a part in the assembly of stage `local`. */
export type AssembledFunction = {
  readonly part: string
  /** Folder with its bundled code. */
  readonly taskRoot: string
  readonly handler: string
  readonly memoryMb: number
  readonly timeoutSeconds: number
}

const propertiesSchema = z.object({
  FunctionName: z.templateLiteral(['tickstock-local-', z.string()]),
  Code: z.object({ S3Key: z.string() }),
  Handler: z.string(),
  MemorySize: z.number(),
  Timeout: z.number(),
})

/** The functions of our parts; those that the CDK adds for itself are not among them. */
export function assembledFunctions(assembly: string): AssembledFunction[] {
  const { template, assets } = readAssembly(assembly)
  return Object.values(template.Resources).flatMap(({ Type, Properties }) => {
    const parsed = propertiesSchema.safeParse(Properties)
    const taskRoot = parsed.success ? assets.get(parsed.data.Code.S3Key) : undefined
    if (Type !== 'AWS::Lambda::Function' || !parsed.success || taskRoot === undefined) return []
    const { FunctionName, Handler: handler, MemorySize: memoryMb, Timeout: timeoutSeconds } = parsed.data
    return [{ part: FunctionName.slice(PREFIX.length), taskRoot, handler, memoryMb, timeoutSeconds }]
  })
}

const PREFIX = 'tickstock-local-'
