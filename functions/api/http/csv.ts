/** A cell of a table; null is an empty cell. */
type Cell = string | number | boolean | null

/** Rows under the names of their columns. */
export type Table = {
  readonly columns: readonly string[]
  readonly rows: Iterable<readonly Cell[]>
}

/** Writes a table as RFC 4180 has it, but with `\n`. */
export function toCsv({ columns, rows }: Table): string {
  const lines = [columns.join(',')]
  for (const row of rows) lines.push(row.map(cellText).join(','))
  return `${lines.join('\n')}\n`
}

function cellText(cell: Cell): string {
  if (cell === null) return ''
  const text = String(cell)
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
