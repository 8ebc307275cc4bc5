import { readFileSync } from 'node:fs'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { isTape, updatesOf, type Tape, type Updates } from '../../../functions/domain/conditions.ts'
import { CTA } from '../../../functions/domain/conditions/cta.ts'
import { MASSIVE } from '../../../functions/domain/conditions/massive.ts'
import { UTP } from '../../../functions/domain/conditions/utp.ts'

const TAPES: readonly Tape[] = ['A', 'B', 'C']

/** `HL` changes high and low, `OC` open and close, `V` volume. */
function rule(updates: ReturnType<typeof updatesOf>): string {
  if ('unknown' in updates) return `unknown ${JSON.stringify(updates.unknown)}`
  const { highLow, openClose, volume } = updates
  return [highLow && 'HL', openClose && 'OC', volume && 'V'].filter(Boolean).join(' ')
}

/**
 * The plans' consolidated columns, in rows by what they let through: an account of its own beside the tables.
 * Notes ("only if it is the first or only trade of the day") count as no for the last; L is yes.
 */
const PLANS: readonly (readonly [tapes: readonly Tape[], codes: string, rule: string])[] = [
  [['A', 'B'], ' @EFKLOX56', 'HL OC V'],
  [['A', 'B'], 'PZ4', 'HL V'],
  [['A', 'B'], 'BCHINRTUV7', 'V'],
  [['A', 'B'], 'MQ', ''],
  [['A', 'B'], '9', 'HL OC'],
  [['C'], ' @ABDFKLOSXY156', 'HL OC V'],
  [['C'], 'GPZ4', 'HL V'],
  [['C'], 'CHINRTUVW7', 'V'],
  [['C'], 'MQ', ''],
  [['C'], '9', 'HL OC'],
]

describe.each(PLANS)('on tapes %s the conditions "%s"', (tapes, codes, expected) => {
  it(`let a trade change: ${expected || 'nothing'}`, () => {
    for (const tape of tapes)
      for (const code of codes) expect([code, rule(updatesOf(tape, [code]))]).toEqual([code, expected])
  })
})

it('the tables have no code besides those of the plans, and none twice', () => {
  for (const [tape, table] of [
    ['A', CTA],
    ['C', UTP],
  ] as const) {
    const codes = PLANS.filter(([tapes]) => tapes.includes(tape)).flatMap(([, row]) => row.split(''))
    expect(table.map(([code]) => code).toSorted()).toEqual(codes.toSorted())
  }
  expect(new Set(MASSIVE.map(([id]) => id)).size).toBe(MASSIVE.length)
})

it.each([
  ['a trade without conditions', 'A', [], 'HL OC V'],
  ['a regular odd lot', 'C', ['@', 'I'], 'V'],
  ['a derivatively priced trade', 'C', ['@', '4'], 'HL V'],
  ['a derivatively priced odd lot', 'C', ['@', '4', 'I'], 'V'],
  ['an intermarket sweep', 'B', [' ', 'F'], 'HL OC V'],
  ['an extended hours odd lot', 'A', [' ', 'T', 'I'], 'V'],
  ['a late report of a cash trade', 'A', ['C', 'Z'], 'V'],
  ['the closing auction', 'C', ['@', '6', 'X'], 'HL OC V'],
  ['the official close', 'C', ['@', '6', 'M'], ''],
  ['a corrected close, priced at what was before', 'A', ['9', 'P'], 'HL'],
  ['the closing auction as Massive sends it', 'C', [8, 9, 41], 'HL OC V'],
  ['a contingent block as Massive sends it', 'A', [53, 41], 'V'],
  ['an extended hours odd lot as Massive sends it', 'C', [12, 37], 'V'],
  ['a trade under a short sale restriction', 'C', [14, 60], 'HL OC V'],
] as const)('%s', (_, tape, conditions, expected) => {
  expect(rule(updatesOf(tape, conditions))).toBe(expected)
})

/** Codes that have another meaning by now than when Massive's id was given for them. */
const REUSED = new Set([6, 35])

/** `sip_mapping` of Massive's conditions: CTA, UTP. The codes of 31, 33 and 55 are in no plan any more; 41 is none. */
const MAPPING: readonly (readonly [id: number, cta: string, utp: string])[] = [
  [0, '@', '@'],
  [1, '', 'A'],
  [2, 'B', 'W'],
  [3, 'E', ''],
  [4, '', 'B'],
  [5, '', 'G'],
  [6, 'I', ''],
  [7, 'C', 'C'],
  [8, '', '6'],
  [9, 'X', 'X'],
  [10, '4', '4'],
  [11, '', 'D'],
  [12, 'T', 'T'],
  [13, 'U', 'U'],
  [14, 'F', 'F'],
  [15, 'M', 'M'],
  [16, 'Q', 'Q'],
  [17, 'O', ''],
  [18, '5', ''],
  [19, '6', ''],
  [20, 'N', 'N'],
  [21, 'H', 'H'],
  [22, 'P', 'P'],
  [23, 'K', 'K'],
  [24, 'K', ''],
  [25, '', 'O'],
  [27, '', '1'],
  [28, '', '5'],
  [29, 'R', 'R'],
  [30, 'L', 'L'],
  [32, 'Z', 'Z'],
  [34, '', 'S'],
  [35, '', 'V'],
  [36, '', 'Y'],
  [37, 'I', 'I'],
  [38, '9', '9'],
  [52, 'V', 'V'],
  [53, '7', '7'],
]

it('both spellings agree on every condition that both have', () => {
  const compared = MAPPING.filter(([id]) => !REUSED.has(id)).flatMap(([id, cta, utp]) =>
    TAPES.flatMap((tape) => {
      const code = tape === 'C' ? utp : cta
      return code === '' ? [] : [{ id, tape, code }]
    }),
  )
  for (const { id, tape, code } of compared)
    expect([id, tape, code, rule(updatesOf(tape, [id]))]).toEqual([
      id,
      tape,
      code,
      rule(updatesOf(tape, [code])),
    ])
  const codes = (tape: Tape) => new Set(compared.filter((row) => row.tape === tape).map(({ code }) => code))
  expect([codes('A').size, codes('C').size]).toEqual([CTA.length - 1, UTP.length - 1])
})

it.each([
  ['a placeholder of tape C', 'C', ['E'], 'unknown "E"'],
  ['a reserved code', 'A', ['8'], 'unknown "8"'],
  ['a code of tape C on tape A', 'A', ['W'], 'unknown "W"'],
  ['the first of several', 'A', ['I', '?', '!'], 'unknown "?"'],
  ['no code at all', 'A', [''], 'unknown ""'],
  ['two codes in one', 'A', ['I', 'FT'], 'unknown "FT"'],
  ['a list in one', 'A', ['I,F'], 'unknown "I,F"'],
  ['small letters', 'C', ['i'], 'unknown "i"'],
  ['an id as text', 'C', ['37'], 'unknown "37"'],
  ['an id of no condition', 'C', [44], 'unknown 44'],
  ['a fraction', 'C', [37.5], 'unknown 37.5'],
  ['a name of every object', 'C', ['constructor'], 'unknown "constructor"'],
] as const)('%s is unknown', (_, tape, conditions, expected) => {
  expect(rule(updatesOf(tape, conditions))).toBe(expected)
})

it('a number is an id and a character is a code', () => {
  expect(rule(updatesOf('C', [4]))).toBe('HL OC V')
  expect(rule(updatesOf('C', ['4']))).toBe('HL V')
})

function known(tape: Tape, conditions: readonly (string | number)[]): Updates {
  const updates = updatesOf(tape, conditions)
  if ('unknown' in updates) throw new Error(`tape ${tape} has no condition ${updates.unknown}`)
  return updates
}

it('of several conditions the most restrictive wins, in any order, however often', () => {
  const trades = fc.constantFrom(...TAPES).chain((tape) => {
    const table = tape === 'C' ? UTP : CTA
    const codes: readonly (string | number)[] = [...table, ...MASSIVE].map(([code]) => code)
    return fc.tuple(fc.constant(tape), fc.array(fc.constantFrom(...codes), { maxLength: 6 }))
  })
  fc.assert(
    fc.property(trades, ([tape, conditions]) => {
      const each = conditions.map((condition) => known(tape, [condition]))
      const expected = {
        highLow: each.every(({ highLow }) => highLow),
        openClose: each.every(({ openClose }) => openClose),
        volume: each.every(({ volume }) => volume),
      }
      expect(known(tape, conditions)).toEqual(expected)
      expect(known(tape, conditions.toReversed())).toEqual(expected)
      expect(known(tape, [...conditions, ...conditions])).toEqual(expected)
    }),
    { numRuns: 2000 },
  )
})

it('the tapes are A, B and C', () => {
  expect(['A', 'B', 'C'].every(isTape)).toBe(true)
  expect(['', 'a', 'D', 'O', 1, null, undefined, ['A'], {}].filter(isTape)).toEqual([])
})

it('docs/sale-conditions.md has the tables', () => {
  const docs = readFileSync(new URL('../../../docs/sale-conditions.md', import.meta.url), 'utf8')
  const rows = docs.split('\n').flatMap((line) => {
    const cells = line.split(/ *\| */).slice(1, -1)
    const [code = '', name = '', ...marks] = cells
    return marks.length === 3 && marks.every((mark) => /^(yes|no)$/.test(mark))
      ? [[code, name, ...marks]]
      : []
  })
  const marks = ({ highLow, openClose, volume }: Updates) =>
    [highLow, openClose, volume].map((allowed) => (allowed ? 'yes' : 'no'))
  expect(rows).toEqual([
    ...CTA.map(([code, name, updates]) => [code === ' ' ? 'space' : `\`${code}\``, name, ...marks(updates)]),
    ...UTP.map(([code, name, updates]) => [code === ' ' ? 'space' : `\`${code}\``, name, ...marks(updates)]),
    ...MASSIVE.map(([id, name, updates]) => [`${id}`, name, ...marks(updates)]),
  ])
})
