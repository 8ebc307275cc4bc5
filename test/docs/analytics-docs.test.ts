import { readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import { INDICATORS } from '../../functions/domain/indicators/table.ts'
import { PATTERNS } from '../../functions/domain/patterns/table.ts'

const read = (name: string): string => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')
/** Cells of each row of the only table of a page, by its first cell. */
const rowsOf = (page: string): Map<string, string[]> =>
  new Map(
    read(page)
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .map((line) =>
        line
          .split(/(?<!\\)\|/)
          .slice(1, -1)
          .map((cell) => cell.trim()),
      )
      .map((cells) => [(cells[0] ?? '').replaceAll('`', ''), cells]),
  )

describe('docs/indicators.md', () => {
  it('has a row for each indicator, and none for another', () => {
    const names = [...rowsOf('indicators.md').keys()].map((name) => name.replace(/\(.*/, ''))
    expect(names).toEqual([...INDICATORS.keys()])
  })
})

describe('docs/patterns.md', () => {
  const rows = rowsOf('patterns.md')

  it.each(PATTERNS.map((pattern) => [pattern.name, pattern] as const))('says what %s is', (name, pattern) => {
    const [, picture, says, bars, , source] = rows.get(name) ?? []
    expect({ picture, says, bars, source }).toEqual({
      picture: `![](pictures/${name}.svg)`,
      says: pattern.forms.map(({ direction }) => direction).join(', '),
      bars: String(pattern.bars),
      source: pattern.source,
    })
  })

  it('has no row for another', () => {
    expect(rows.size).toBe(PATTERNS.length)
  })
})
