import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { arrayText } from '../../../../functions/shared/postgres/array-text.ts'
import { createDatabase, type TestDatabase } from '../../../support/test-database.ts'

let server: TestDatabase

beforeAll(async () => {
  server = await createDatabase()
})

afterAll(async () => await server.remove())

it('Postgres reads the array that was written, whatever its elements', async () => {
  // Postgres has no text with a zero character.
  const character = fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.replaceAll('\0', ''))
  const special = fc.constantFrom(
    '',
    'null',
    'NULL',
    ' ',
    '\t',
    '{}',
    '"',
    String.raw`\ `,
    ',',
    'BRK.B',
    'O’X',
  )
  const text = fc.option(fc.oneof(character, special))
  const numbers = fc.array(fc.option(fc.double({ noDefaultInfinity: true, noNaN: true })), { minLength: 1 })
  await server.as('app_readonly', async (client) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(text, { minLength: 1 }),
        numbers,
        fc.array(fc.option(fc.boolean())),
        async (...columns) => {
          const { rows } = await client.query(
            'SELECT to_json($1::text[]) AS texts, to_json($2::float8[]) AS numbers, to_json($3::boolean[]) AS flags',
            columns.map(arrayText),
          )
          const [texts, doubles, flags] = columns
          const zero = doubles.map((each) => (each === 0 ? 0 : each))
          expect(rows).toEqual([{ texts, numbers: zero, flags }])
        },
      ),
      { numRuns: 60 },
    )
  })
})

it('an array of what is neither text, number nor flag is left to pg', () => {
  expect(arrayText(['a', new Date()])).toBeUndefined()
  expect(arrayText([[1]])).toBeUndefined()
})
