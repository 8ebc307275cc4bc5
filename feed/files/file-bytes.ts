import { open, stat } from 'node:fs/promises'

import type { AsyncBuffer } from 'hyparquet'

/** A file of which parts are read: each at once, and not in the pieces of a stream. */
export async function fileBytes(file: string): Promise<AsyncBuffer> {
  const { size } = await stat(file)
  return { byteLength: size, slice: async (start, end = size) => await readPart(file, start, end) }
}

async function readPart(file: string, start: number, end: number): Promise<ArrayBuffer> {
  const bytes = new Uint8Array(end - start)
  const handle = await open(file)
  try {
    for (let filled = 0; filled < bytes.length;) {
      const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, start + filled)
      if (bytesRead === 0) throw new RangeError(`the file ends at byte ${start + filled}, before byte ${end}`)
      filled += bytesRead
    }
  } finally {
    await handle.close()
  }
  return bytes.buffer
}
