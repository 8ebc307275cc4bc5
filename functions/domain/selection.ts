/** A selection names an unknown indicator or pattern, or parameters that are not allowed. */
export class SelectionError extends Error {
  override readonly name = 'SelectionError'
}

/** The words of a selection; spaces within parentheses do not part them. */
export function splitSelection(text: string): string[] {
  return text.match(/[^\s()]+(?:\s*\([^)]*\)?)?|\S+/g) ?? []
}
