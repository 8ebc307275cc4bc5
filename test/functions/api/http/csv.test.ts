import { expect, it } from 'vitest'

import { toCsv } from '../../../../functions/api/http/csv.ts'

it('quotes what has a comma, a quote or a line break, and leaves a cell without a value empty', () => {
  const rows = [['plain', 'a,b', 'say "hi"', 'two\nlines', null, 1.5]]
  expect(toCsv({ columns: ['a', 'b', 'c', 'd', 'e', 'f'], rows })).toBe(
    'a,b,c,d,e,f\nplain,"a,b","say ""hi""","two\nlines",,1.5\n',
  )
})
