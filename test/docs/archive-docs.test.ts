import type { SchemaElement } from 'hyparquet'
import { describe, expect, it } from 'vitest'

import { hourPrefix } from '../../functions/archive/archive-key.ts'
import { ARCHIVE_COLUMNS } from '../../functions/archive/schema.ts'
import { blockOf, readPage, sectionOf } from './page.ts'

const page = readPage('docs/archive.md')
const columns: readonly SchemaElement[] = ARCHIVE_COLUMNS
const names = columns.map(({ name }) => name)

describe('docs/archive.md', () => {
  it('lists every column of an object, in its order', () => {
    const listed = [...sectionOf(page, 'Columns').matchAll(/^\| (`[^|]+)\|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name),
    )
    expect(listed).toEqual(names)
  })

  const sql = blockOf(page, 'Read it with Athena', 'sql')

  it('makes a table of Athena of them, each with the type that it has in Parquet', () => {
    const [, list = ''] = /trades \((.*?)\)\nPARTITIONED/s.exec(sql) ?? []
    const declared = list
      .trim()
      .split(/,\s+/)
      .map((column) => /^`?(\w+)`? (.+)$/.exec(column)?.slice(1))
      .map((column) => column?.join(' '))
    expect(declared).toEqual(columns.map((column) => `${column.name} ${athenaTypeOf(column)}`))
  })

  it('makes it of the folders in which the objects lie', () => {
    const [, partitions = ''] = /PARTITIONED BY \((.*)\)/.exec(sql) ?? []
    const [, location = ''] = /LOCATION '(.*)'/.exec(sql) ?? []
    const properties = new Map(
      [...sql.matchAll(/'projection\.(\S+?)'='(.*?)'/g)].map(
        ([, key = '', value = '']) => [key, value] as const,
      ),
    )
    expect([...properties.keys()].toSorted()).toEqual(
      [
        'enabled',
        'date.type',
        'date.format',
        'date.range',
        'hour.type',
        'hour.range',
        'hour.digits',
      ].toSorted(),
    )
    expect([properties.get('date.type'), properties.get('date.format')]).toEqual(['date', 'yyyy-MM-dd'])
    const [low, high] = (properties.get('hour.range') ?? '').split(',').map(Number)
    expect([properties.get('hour.type'), low, high]).toEqual(['integer', 0, 23])
    const [date, hour] = partitions
      .split(', ')
      .map((each) => each.replaceAll('`', '').replace(/ string$/, ''))
    // As Athena makes the folders of a partition: name=value, the whole number with so many digits.
    const foldersOf = (seconds: number): string => {
      const time = new Date(seconds * 1000)
      const digits = Number(properties.get('hour.digits'))
      return `${location.replace('s3://BUCKET/', '')}${date}=${time.toISOString().slice(0, 10)}/${hour}=${String(time.getUTCHours()).padStart(digits, '0')}/`
    }
    for (const seconds of [1_760_104_800, 1_760_054_400, 1_760_137_200, 1_767_222_000])
      expect(foldersOf(seconds)).toBe(hourPrefix(seconds))
  })
})

/** The type of Athena (Hive) that reads a column of Parquet. */
function athenaTypeOf({ name, type, logical_type: logical }: SchemaElement): string {
  if (logical?.type === 'DECIMAL') return `decimal(${logical.precision},${logical.scale})`
  if (logical?.type === 'TIMESTAMP') return 'timestamp'
  if (logical?.type === 'STRING') return 'string'
  const types = new Map<unknown, string>([
    ['INT64', 'bigint'],
    ['INT32', 'int'],
    ['BOOLEAN', 'boolean'],
  ])
  const found = logical === undefined ? types.get(type) : undefined
  if (found === undefined) throw new Error(`the column ${name} has a type that the page says nothing of`)
  return found
}
