import { describe, expect, it } from 'vitest'

import { csvLine, toCsv } from '../../../../functions/api/formats/csv.ts'

describe('a CSV', () => {
  it('quotes what has a comma, a quote or a line break, and leaves a cell without a value empty', () => {
    const cells = ['plain', 'a,b', 'say "hi"', 'two\nlines', null, '1.50']
    const columns = cells.map((cell, index) => ({ name: `c${index}`, type: 'text' as const, cells: [cell] }))
    expect(toCsv({ rows: 1, columns }, { formulas: 'quoted' })).toBe(
      'c0,c1,c2,c3,c4,c5\nplain,"a,b","say ""hi""","two\nlines",,1.50\n',
    )
  })

  it.each([
    ['=cmd', "'=cmd"],
    ['=HYPERLINK("x")', `"'=HYPERLINK(""x"")"`],
    ['@SUM', "'@SUM"],
    ['+1+1', "'+1+1"],
    ['+1', "'+1"],
    ['-1+1', "'-1+1"],
    ['-..', "'-.."],
    ['-', "'-"],
    ['\t=1', "'\t=1"],
    ['\r=1', `"'\r=1"`],
    ['＝1', "'＝1"],
  ])('puts an apostrophe before %j, which a spreadsheet would run, or leaves it raw', (text, cell) => {
    expect(csvLine([text, 'A'], 'quoted')).toBe(`${cell},A`)
    expect(csvLine([text], 'raw').replaceAll('"', '')).toBe(text.replaceAll('"', ''))
  })

  it.each(['-37.63', '-0.000000000000000001', '0', '150.25', 'BRK.B', 'ES=F', '^GSPC', 'A-1', "'A"])(
    'leaves %s as it is',
    (text) => {
      for (const formulas of ['quoted', 'raw'] as const) expect(csvLine([text], formulas)).toBe(text)
    },
  )

  it('leaves numbers below zero as they are', () => {
    expect(csvLine([-1.5, -1e-7], 'quoted')).toBe('-1.5,-1e-7')
  })
})
