import * as z from 'zod'

/** `local`: one machine or an emulator, the database is outside the stack. `dev` and `prod`: AWS. */
export const stageSchema = z.enum(['local', 'dev', 'prod'], 'allowed is local, dev or prod')

/** The settings of each stage, `stages` in the context of cdk.json. */
export const stagesSchema = z.strictObject({
  local: z.record(z.string(), z.unknown()).default({}),
  dev: z.record(z.string(), z.unknown()).default({}),
  prod: z.record(z.string(), z.unknown()).default({}),
})
