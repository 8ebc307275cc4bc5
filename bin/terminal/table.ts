import { printable } from './printable.ts'

/** Rows under a header, in columns as wide as they must be; columns of numbers to the right. */
export function table(header: readonly string[], given: readonly (readonly string[])[]): string {
  const rows = given.map((row) => row.map(printable))
  const widths = header.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => (row[column] ?? '').length)),
  )
  const isNumeric = header.map(
    (_, column) => rows.length > 0 && rows.every((row) => /^[-\d.,%]*$/.test(row[column] ?? '')),
  )
  return [header, ...rows]
    .map((row) =>
      row
        .map((cell, column) =>
          isNumeric[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('')
}
