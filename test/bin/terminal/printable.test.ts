import { describe, expect, it } from 'vitest'

import { printable, printableLines } from '../../../bin/terminal/printable.ts'
import { table } from '../../../bin/terminal/table.ts'

const HOSTILE = 'A\u001b[2J\u0007\r\nFORGED\u009b31m\u202eB\u2028C\u007f\t'
const SHOWN = String.raw`A\u001b[2J\u0007\u000d\u000aFORGED\u009b31m\u202eB\u2028C\u007f\u0009`

describe('text from outside', () => {
  it('moves no cursor and begins no line', () => {
    expect(printable(HOSTILE)).toBe(SHOWN)
    expect(printableLines(HOSTILE)).toBe(SHOWN.replace(String.raw`\u000a`, '\n'))
    expect(table(['why'], [[HOSTILE]])).toBe(`why\n${SHOWN}\n`)
  })

  it.each(['AAPL', 'BRK B', '币安人生USDT', 'ÄÖ-1', 'اب', '{"a":1}'])('%s stays as it is', (text) => {
    expect([printable(text), printableLines(text)]).toEqual([text, text])
  })
})
