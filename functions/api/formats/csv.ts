import { type Cell, readable, type Table } from '../http/table.ts'

/**
 * What becomes of text that a spreadsheet would take for a formula, as the symbol `=ES`: `quoted` puts an apostrophe before
 * it, `raw` leaves it to readers that run no formulas.
 */
export type Formulas = 'quoted' | 'raw'

/** Writes a table as RFC 4180 has it, but with `\n`. */
export function toCsv({ columns, rows }: Table, { formulas }: { readonly formulas: Formulas }): string {
  const header = columns.map(({ name }) => name)
  const lines = Array.from({ length: rows }, (_, row) =>
    columns.map(({ type, cells }) => readable(cells[row] ?? null, type)),
  )
  return [header, ...lines].map((cells) => `${csvLine(cells, formulas)}\n`).join('')
}

/** A row of a CSV file, without its line feed. */
export function csvLine(cells: readonly Cell[], formulas: Formulas): string {
  return cells.map((cell) => cellText(cell, formulas)).join(',')
}

function cellText(cell: Cell, formulas: Formulas): string {
  if (cell === null) return ''
  const given = String(cell)
  const isQuoted = formulas === 'quoted' && typeof cell === 'string' && isFormula(cell)
  const text = isQuoted ? `'${given}` : given
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** With these, also in full width, a spreadsheet's formula may begin; https://owasp.org/www-community/attacks/CSV_Injection */
const BEGINNINGS = /^[=+\-@\t\r\n＝＋－＠]/
const NUMBER = /^-\d+(?:\.\d+)?$/

function isFormula(text: string): boolean {
  return BEGINNINGS.test(text) && !NUMBER.test(text)
}
