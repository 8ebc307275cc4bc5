import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'

import { recordLine } from '../../../bin/stage/record-line.ts'
import { printLine, printText, warnLine } from '../../../bin/terminal/print.ts'
import { printable, printableLines } from '../../../bin/terminal/printable.ts'
import { openScreen } from '../../../bin/terminal/screen.ts'
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

/** Control characters and such that turn text around or begin a line; a line feed only where lines are meant. */
const HARMFUL = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u

/** Text of any characters, the harmful ones often. */
const anyText = fc.string({
  unit: fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    fc.constantFrom(...HOSTILE.split(''), '\0', '\u0085', '\u2029', '\u061c', '\u200e', '\u2066', '"', '\\'),
  ),
})

describe('whatever the text, each way to print it writes one line without harm:', () => {
  afterEach(() => vi.restoreAllMocks())

  /** What is written while `print` runs. */
  function written(print: () => void): string {
    let text = ''
    const take = (chunk: unknown): true => {
      text += String(chunk)
      return true
    }
    const spies = [process.stdout, process.stderr].map((stream) =>
      vi.spyOn(stream, 'write').mockImplementation(take),
    )
    print()
    for (const spy of spies) spy.mockRestore()
    return text
  }

  const screenOf = (isTTY: boolean) =>
    openScreen({ isTTY, write: (text) => process.stdout.write(text) }, () => 0)
  const ways: Readonly<Record<string, (text: string) => void>> = {
    'a line': printLine,
    'a warning': warnLine,
    JSON: (text) => printLine(JSON.stringify({ [text]: text })),
    'a table': (text) => printText(table(['why'], [[text]]).replace('why\n', '')),
    'a record': (text) =>
      printLine(recordLine({ type: text, symbol: text, timestamp: text, revision: 1, [text]: text })),
    'a line of a screen': (text) => screenOf(false).print(text),
    'a line of several': (text) => screenOf(false).print([text]),
    'a line of a screen on a terminal': (text) => screenOf(true).print(text),
    'a status': (text) => screenOf(false).status(text),
  }

  it.each(Object.entries(ways))('%s', (_way, print) => {
    fc.assert(
      fc.property(anyText, (text) => {
        const [line = '', ...others] = written(() => print(text)).split('\n')
        expect(line).not.toMatch(HARMFUL)
        expect(others).toEqual([''])
      }),
    )
  })

  it('JSON stays the same value', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const line = written(() => printLine(JSON.stringify({ [text]: text })))
        expect(JSON.parse(line)).toEqual({ [text]: text })
      }),
    )
  })
})
