import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { expect, it } from 'vitest'

import { refusedSamples } from '../../support/lint-samples.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** Lines of a file of functions/domain that the lint rules refuse, by what each would do. */
const IMPURE = {
  'imports a package': `export { z } from 'zod'`,
  'imports a type of a package': `export type { z } from 'zod'`,
  'imports a part of Node.js': `import 'node:fs'`,
  'imports from beside the domain': `export { x } from '../shared/x.ts'`,
  'imports from beside it by a detour': `export { x } from './../shared/x.ts'`,
  'imports from beside it by a longer detour': `export { x } from './indicators/../../shared/x.ts'`,
  'reads the clock': 'export const x = Date.now()',
  'makes a date of now': 'export const x = new Date()',
  'asks for the text of now': 'export const x = Date()',
  'formats now': 'export const x = new Intl.DateTimeFormat().format()',
  'reads the locale': 'export const x = Intl.NumberFormat().resolvedOptions().locale',
  'reads a finer clock': 'export const x = performance.now()',
  'reads the clock that is to come': 'export const x = Temporal.Now.instant()',
  'draws a number': 'export const x = Math.random()',
  'draws a number by another name': 'export const { random } = Math',
  'draws bytes': 'export const x = crypto.randomUUID()',
  'reads the environment': `export const x = process.env['X']`,
  'goes by the global object': 'export const x = globalThis.process',
  'goes by its old name': 'export const x = global',
  'goes by its name in browsers': 'export const x = self',
  waits: 'setTimeout(() => {}, 1)',
  'waits a moment': 'setImmediate(() => {})',
  repeats: 'setInterval(() => {}, 1)',
  'puts off': 'queueMicrotask(() => {})',
  'asks the network': `export const x = fetch('http://x')`,
  'opens a socket': `export const x = new WebSocket('ws://x')`,
  prints: `console.log('x')`,
  'takes bytes of Node.js': `export const x = Buffer.from('x')`,
  requires: `export const x = require('node:fs')`,
  'evaluates text': `export const x = eval('1')`,
  'makes a function of text': `export const x = new Function('return 1')`,
} as const

/** What they have to let pass. */
const PURE = {
  'imports a neighbour': `export { x } from './trade.ts'`,
  'imports from a folder of the domain': `export { x } from './indicators/table.ts'`,
  calculates: `export const x = Math.max(1, Number('2')) + Number(BigInt.asIntN(64, 3n)) + new Map([[1, 2]]).size`,
} as const

/** In a folder of the domain. */
const IMPURE_DEEPER = {
  'imports from beside the domain': `export { x } from '../../shared/x.ts'`,
  'imports from beside it by a detour': `export { x } from './../../shared/x.ts'`,
  'imports a package': `export { z } from 'zod'`,
  'reads the clock': 'export const x = Date.now()',
} as const
const PURE_DEEPER = {
  'imports from the domain': `export { x } from '../trade.ts'`,
  'imports from another folder of it': `export { x } from '../indicators/table.ts'`,
} as const

/** What no lint rule sees: modules loaded while it runs, and a format that is given no time and takes that of now. */
const UNSEEN = /\bimport\s*\(|\bimport\.meta\b|\.format(?:ToParts)?\s*\(\s*\)|\.format(?:ToParts)?\b(?!\s*\()/

const refused = (folder: string, samples: Readonly<Record<string, string>>) =>
  refusedSamples(samples, { folder, rules: /no-(restricted|undef|console|eval|new-func)/ })

it('the lint rules refuse whatever would make the domain depend on more than its arguments', () => {
  expect(refused('functions/domain', IMPURE)).toEqual(Object.keys(IMPURE).toSorted())
  expect(refused('functions/domain/patterns', IMPURE_DEEPER)).toEqual(Object.keys(IMPURE_DEEPER).toSorted())
})

it('they let the domain import itself and calculate', () => {
  expect(refused('functions/domain', PURE)).toEqual([])
  expect(refused('functions/domain/patterns', PURE_DEEPER)).toEqual([])
})

it.each([
  `const x = await import('../shared/x.ts')`,
  `type X = import('zod').ZodType`,
  'const x = import.meta.url',
  'const x = formatter.format()',
  'const x = formatter.formatToParts( )',
  'const now = formatter.format',
])('what no lint rule sees is seen: %s', (line) => {
  expect(line).toMatch(UNSEEN)
})

it('no file of the domain does what no lint rule sees, and time zones alone are excepted from a rule', () => {
  const files = globSync('functions/domain/**/*.ts', { cwd: ROOT })
  expect(files.length).toBeGreaterThan(30)
  const texts = files.map((file) => ({ file, text: readFileSync(join(ROOT, file), 'utf8') }))
  expect(texts.filter(({ text }) => UNSEEN.test(text)).map(({ file }) => file)).toEqual([])
  const excepted = texts.flatMap(({ file, text }) =>
    [...text.matchAll(/(?:ox|es)lint-disable[^\n]*/g)].map(([comment]) => [file, comment.split(' --')[0]]),
  )
  expect(excepted).toEqual([
    ['functions/domain/calendar/time-zone.ts', 'oxlint-disable-next-line no-restricted-globals'],
  ])
})
