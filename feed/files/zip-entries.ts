import { type Entry, openPromise } from 'yauzl'

/** A file in an archive. */
export type ZipEntry = {
  readonly name: string
  readonly compressedBytes: number
  open(): Promise<AsyncIterable<Uint8Array>>
}

/** The files in a zip archive, by name as people count: `trades-9` before `trades-10`. */
export async function zipEntries(
  file: string,
): Promise<{ readonly entries: readonly ZipEntry[]; readonly close: () => void }> {
  const archive = await openPromise(file, { autoClose: false })
  const found: Entry[] = []
  for await (const entry of archive.eachEntry()) found.push(entry)
  const entries = found
    .filter(({ fileName }) => !fileName.endsWith('/') && !/(^|\/)(\.|__MACOSX\/)/.test(fileName))
    .toSorted((one, other) => one.fileName.localeCompare(other.fileName, 'en', { numeric: true }))
    .map((entry) => ({
      name: entry.fileName,
      compressedBytes: entry.compressedSize,
      open: () => archive.openReadStreamPromise(entry),
    }))
  return { entries, close: () => archive.close() }
}
