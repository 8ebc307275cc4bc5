import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import * as z from 'zod'

import { UsageError } from '../terminal/errors.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const schema = z.looseObject({ context: z.record(z.string(), z.unknown()).default({}) })

const stagesSchema = z.looseObject({ local: z.record(z.string(), z.unknown()).optional() }).optional()

/** Whether `cdk.json` sets a key for stage `local`. */
export function isSet(key: string, folder: string = ROOT): boolean {
  const settings = projectSettings(folder)
  const ofStage = stagesSchema.safeParse(settings['stages']).data?.local
  return settings[key] !== undefined || ofStage?.[key] !== undefined
}

/**
 * The context in `cdk.json`, with the settings of each stage: what `cdk deploy` takes too.
 *
 * @param folder that holds it @default the project's
 * @throws UsageError when it cannot be read
 */
export function projectSettings(folder: string = ROOT): Readonly<Record<string, unknown>> {
  const file = join(folder, 'cdk.json')
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8'))).context
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : String(error)
    throw new UsageError(`${file} cannot be read: ${reason}`)
  }
}
