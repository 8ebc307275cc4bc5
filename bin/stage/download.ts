import { open } from 'node:fs/promises'

/** A request for so many bytes. */
const PIECE = 16 * 1024 * 1024

/**
 * Writes what is at an address to a file, piece by piece, whatever its size.
 *
 * @throws Error naming the status where the address does not give it
 */
export async function download(url: string, path: string): Promise<void> {
  await using file = await open(path, 'w')
  let etag: string | null = null
  for (let at = 0, size = Infinity; at < size;) {
    const answer = await fetch(url, { headers: { range: `bytes=${at}-${at + PIECE - 1}` } })
    // An object without bytes has no range.
    if (answer.status === 416 && at === 0) return
    const given = answer.headers.get('etag')
    if (answer.status !== 206)
      throw new Error(`the export was answered with ${answer.status}: ${await answer.text()}`)
    if (etag !== null && given !== etag)
      throw new Error('the export was replaced while it was read: get it again')
    etag = given
    size = Number(/\/(\d+)$/.exec(answer.headers.get('content-range') ?? '')?.[1])
    const bytes = Buffer.from(await answer.arrayBuffer())
    if (bytes.length === 0) throw new Error(`the export ends at byte ${at} of ${size}: get it again`)
    await file.write(bytes, 0, bytes.length, at)
    at += bytes.length
  }
}
