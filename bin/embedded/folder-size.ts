import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** The bytes and the number of the files in a folder, or of one file; of what is not there, none. */
export function folderSize(path: string): { readonly bytes: number; readonly files: number } {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return { bytes: 0, files: 0 }
  if (!stats.isDirectory()) return { bytes: stats.size, files: 1 }
  let [bytes, files] = [0, 0]
  for (const name of readdirSync(path, { recursive: true, encoding: 'utf8' })) {
    // It may be gone since it was listed.
    const entry = statSync(join(path, name), { throwIfNoEntry: false })
    if (entry?.isFile() !== true) continue
    bytes += entry.size
    files++
  }
  return { bytes, files }
}
