/**
 * Maps object keys onto paths, one to one and safely: every segment is percent-encoded, and a character
 * that encoding never leaves (`+`, `=`, a lone `%`) marks what is no plain segment. So `a` and `a/b` can both
 * exist, `..` leads nowhere, and names stay below the length that file systems allow.
 */
const folderMark = '+'
const continuationMark = '='
const emptySegment = '%'
const pieceLength = 200

/** The path of a key, as segments below the bucket's folder. */
export function pathOfKey(key: string): readonly string[] {
  const segments = key.split('/').map(encodeSegment)
  return segments.flatMap((pieces, index) => {
    const isFolder = index < segments.length - 1
    return pieces.map((piece, position) => {
      if (position < pieces.length - 1) return piece + continuationMark
      return isFolder ? piece + folderMark : piece
    })
  })
}

/** The key of a path that `pathOfKey` made. */
export function keyOfPath(path: readonly string[]): string {
  return path
    .map((piece) => {
      if (piece.endsWith(continuationMark)) return decode(piece.slice(0, -1))
      if (piece.endsWith(folderMark)) return `${decode(piece.slice(0, -1))}/`
      return decode(piece)
    })
    .join('')
}

function decode(piece: string): string {
  return piece === emptySegment ? '' : decodeURIComponent(piece)
}

function encodeSegment(segment: string): readonly string[] {
  if (segment === '') return [emptySegment]
  // Code point by code point: a cut between pieces must not fall into a character.
  const pieces = ['']
  for (const character of segment) {
    const encoded = character === '.' && /^\.+$/.test(segment) ? '%2E' : encodeURIComponent(character)
    const last = pieces.at(-1) ?? ''
    if (last.length + encoded.length > pieceLength) pieces.push(encoded)
    else pieces[pieces.length - 1] = last + encoded
  }
  return pieces
}
