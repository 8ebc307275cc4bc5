import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'

import { messageOf } from 'embedded-aws/errors'

import { replaceFile } from './output-file.ts'

/**
 * Writes a file piece by piece.
 *
 * @throws Error that names the file when it could not be written to its end; then what was there before stays
 */
export async function writePieces(file: string, pieces: AsyncIterable<string | Uint8Array>): Promise<void> {
  try {
    await replaceFile(file, (path) => writeTo(path, pieces))
  } catch (error) {
    throw new Error(`${file} is not written, and what was there before is as it was: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

async function writeTo(path: string, pieces: AsyncIterable<string | Uint8Array>): Promise<void> {
  const output = createWriteStream(path)
  const done = finished(output)
  // It may fail while a piece is made.
  done.catch(() => {})
  try {
    for await (const piece of pieces) if (!output.write(piece)) await once(output, 'drain')
    output.end()
    await done
  } finally {
    output.destroy()
  }
}
