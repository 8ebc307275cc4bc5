import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The data folder by default; that of the project. */
export const DEFAULT_DATA = '.tickstock'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** The path of a data folder: the default one is in the project, wherever the command is run. */
export function dataPath(data: string): string {
  return data === DEFAULT_DATA ? join(ROOT, DEFAULT_DATA) : resolve(data)
}
