import { readAssembly } from 'embedded-aws'
import * as z from 'zod'

const functionSchema = z.object({
  Environment: z.object({ Variables: z.object({ CORS_ORIGINS: z.string() }) }),
})

/** The origins whose pages may call the API, by the setting `corsOrigins` that an assembly was made with. */
export function corsOriginsOf(assembly: string): readonly string[] {
  return Object.values(readAssembly(assembly).template.Resources).flatMap(({ Properties }) => {
    const parsed = functionSchema.safeParse(Properties)
    return parsed.success ? parsed.data.Environment.Variables.CORS_ORIGINS.split(',').filter(Boolean) : []
  })
}
