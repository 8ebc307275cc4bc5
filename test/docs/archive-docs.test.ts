import { describe, expect, it } from 'vitest'

import { ARCHIVE_COLUMNS } from '../../functions/archive/schema.ts'
import { blockOf, readPage, sectionOf } from './page.ts'

const page = readPage('docs/archive.md')
const names = ARCHIVE_COLUMNS.map(({ name }) => name)

describe('docs/archive.md', () => {
  it('lists every column of an object, in its order', () => {
    const listed = [...sectionOf(page, 'Columns').matchAll(/^\| (`[^|]+)\|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name),
    )
    expect(listed).toEqual(names)
  })

  it('makes a table of Athena with them', () => {
    const sql = blockOf(page, 'Read it with Athena', 'sql')
    const [, columns = ''] = /trades \((.*?)\)\nPARTITIONED/s.exec(sql) ?? []
    const declared = [
      ...columns.matchAll(/`?(\w+)`? (string|timestamp|decimal\(38,18\)|bigint|boolean|int)(?=,|$)/g),
    ]
    expect(declared.map(([, name]) => name)).toEqual(names)
  })
})
