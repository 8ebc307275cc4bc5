import { describe, expect, it } from 'vitest'

import { csvLine, toCsv } from '../../../../functions/api/http/csv.ts'

describe('a CSV', () => {
  it('quotes what has a comma, a quote or a line break, and leaves a cell without a value empty', () => {
    const rows = [['plain', 'a,b', 'say "hi"', 'two\nlines', null, 1.5]]
    expect(toCsv({ columns: ['a', 'b', 'c', 'd', 'e', 'f'], rows }, 'quoted')).toBe(
      'a,b,c,d,e,f\nplain,"a,b","say ""hi""","two\nlines",,1.5\n',
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
