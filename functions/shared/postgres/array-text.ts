const PLAIN = /^(?!null$)[\w.:/+-]+$/i
const ESCAPED = /["\\]/g

/**
 * An array as Postgres reads it, as pg itself would write it with quotes around each element; undefined where an element is
 * something else than text, a number, a flag or null, which pg is to write. Few texts of a batch need quotes, and looking for
 * what they would escape is what most of the time of a parameter goes to.
 */
export function arrayText(values: readonly unknown[]): string | undefined {
  const elements: string[] = []
  for (const value of values) {
    if (value === null || value === undefined) elements.push('NULL')
    else if (typeof value === 'string')
      elements.push(PLAIN.test(value) ? value : `"${value.replaceAll(ESCAPED, String.raw`\$&`)}"`)
    else if (typeof value === 'number' || typeof value === 'boolean') elements.push(String(value))
    else return undefined
  }
  return `{${elements.join(',')}}`
}
