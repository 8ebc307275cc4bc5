/** API Gateway's limit for a message, in bytes. */
export const MAX_FRAME_BYTES = 128 * 1024

const BRACKETS = 2
const COMMA = 1

/** The largest text that fits in a frame. */
export const MAX_TEXT_BYTES = MAX_FRAME_BYTES - BRACKETS

/** Something in JSON, and how long it is in UTF-8. */
export type Text = { readonly text: string; readonly bytes: number }

/** Packs texts into JSON arrays, in order, as few as their size allows: API Gateway bills by message. */
export function packFrames(texts: readonly Text[], maxBytes = MAX_FRAME_BYTES): string[] {
  const frames: string[][] = []
  let left = 0
  for (const { text, bytes } of texts) {
    if (bytes + COMMA > left) {
      frames.push([])
      left = maxBytes - BRACKETS + COMMA
    }
    frames.at(-1)?.push(text)
    left -= bytes + COMMA
  }
  return frames.map((each) => `[${each.join(',')}]`)
}
