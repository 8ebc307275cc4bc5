import { appendFileSync, renameSync, statSync } from 'node:fs'

const DEFAULT_BYTES = 50 * 1024 * 1024

/**
 * Appends lines to a file; one that has grown to `maxBytes` becomes the file with `.1` at its end, in the place of the one
 * before. So there are never more than twice as many bytes, and a line.
 */
export function openRotatingLog(
  file: string,
  { maxBytes = DEFAULT_BYTES }: { readonly maxBytes?: number } = {},
): (line: string) => void {
  let bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0
  return (line) => {
    if (bytes >= maxBytes) {
      renameSync(file, `${file}.1`)
      bytes = 0
    }
    appendFileSync(file, `${line}\n`)
    bytes += Buffer.byteLength(line) + 1
  }
}
