/** A selection names an indicator or pattern that is not there, or gives it parameters that it cannot have. */
export class SelectionError extends Error {
  override readonly name = 'SelectionError'
}

/** The words of a selection; spaces within parentheses do not part them. */
export function splitSelection(text: string): string[] {
  return text.match(/[^\s()]+(?:\s*\([^)]*\)?)?|\S+/g) ?? []
}
