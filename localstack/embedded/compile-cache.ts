import { getCompileCacheDir } from 'node:module'
import { dirname } from 'node:path'

/** Lets a worker thread keep compiled modules where this process keeps them, if it does: for the thread's environment. */
export function compileCache(): Readonly<Record<string, string>> {
  const folder = getCompileCacheDir()
  // Below the folder that it was given Node.js has one for each of its versions.
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: dirname(folder) }
}
