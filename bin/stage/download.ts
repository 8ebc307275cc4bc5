import { open } from 'node:fs/promises'

import { downloadPiece, type LinkSource } from './download-piece.ts'

/**
 * Writes what is at an address to a file, piece by piece, whatever its size.
 *
 * @throws Error naming the status where the address does not give it
 */
export async function download(source: LinkSource, path: string): Promise<void> {
  await using file = await open(path, 'w')
  let etag: string | null = null
  for (let at = 0, size = Infinity; at < size;) {
    const piece = await downloadPiece(source, at)
    // An object without bytes has no range.
    if (piece === 'empty') return
    if (etag !== null && piece.etag !== etag)
      throw new Error('the export was replaced while it was read: get it again')
    const { bytes } = piece
    etag = piece.etag
    size = piece.size
    if (bytes.length === 0) throw new Error(`the export ends at byte ${at} of ${size}: get it again`)
    await file.write(bytes, 0, bytes.length, at)
    at += bytes.length
  }
}
