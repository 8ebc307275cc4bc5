import { describe, expect, it } from 'vitest'

import { refusedSamples } from '../support/lint-samples.ts'

const IMPORTS = /no-restricted-imports/
const STYLE = /house-style/

/** What the emulator must not import, by the folder of the file, and what it may. */
const EMULATOR = {
  'localstack/embedded': {
    refused: {
      'the domain': `export { x } from '../../functions/domain/tick.ts'`,
      'a test helper': `export { x } from '../../test/support/values.ts'`,
      'a neighbour of the package': `export { x } from '../x.ts'`,
      'by a detour': `export { x } from './../../bin/app.ts'`,
      'by a longer detour': `export { x } from './services/../../../bin/app.ts'`,
    },
    allowed: {
      'a file beside it': `export { x } from './errors.ts'`,
      'a service': `export { x } from './services/index.ts'`,
      'a package': `export { z } from 'zod'`,
    },
  },
  'localstack/embedded/services/kinesis': {
    refused: {
      'the feed': `export { x } from '../../../../feed/publisher.ts'`,
      'a neighbour of the package': `export { x } from '../../../x.ts'`,
    },
    allowed: {
      'a file of the package': `export { x } from '../../errors.ts'`,
      'another service': `export { x } from '../lambda/index.ts'`,
    },
  },
} as const

/** What TickStock must not import of the emulator, and what it may. */
const TICKSTOCK = {
  refused: {
    'a file by its path': `export { x } from '../../localstack/embedded/errors.ts'`,
    'a folder by its path': `export { x } from '../localstack/embedded/postgres/index.ts'`,
    'what is not exported': `export { x } from 'embedded-aws/services/kinesis/index.ts'`,
  },
  allowed: {
    'the package': `export { startRuntime } from 'embedded-aws'`,
    'one of its exports': `export { startPostgres } from 'embedded-aws/postgres'`,
  },
} as const

describe('the lint rules keep TickStock and its emulator apart:', () => {
  it.each(Object.entries(EMULATOR))('a file in %s', (folder, { refused, allowed }) => {
    expect(refusedSamples({ ...refused, ...allowed }, { folder, rules: IMPORTS })).toEqual(
      Object.keys(refused).toSorted(),
    )
  })

  it.each(['bin/commands', 'functions/shared', 'feed/sources', 'test/system', 'bench/api'])(
    'a file in %s',
    (folder) => {
      const { refused, allowed } = TICKSTOCK
      expect(refusedSamples({ ...refused, ...allowed }, { folder, rules: IMPORTS })).toEqual(
        Object.keys(refused).toSorted(),
      )
    },
  )
})

it('the lint rules hold one way to write functions and private members', () => {
  const refused = {
    'an arrow function of a module': 'export const f = (x: number) => x',
    'a function expression of a module': 'export const f = function () {}',
    'a private field': 'export class A { private x = 1; get y() { return this.x } }',
    'a private method': 'export class A { private x() {} y() { this.x() } }',
    'a private parameter': 'export class A { constructor(private x: number) { void this.x } }',
  }
  const allowed = {
    'a declaration': 'export function f(x: number) { return x }',
    'a function with a type of its own': 'export const f: () => void = () => undefined',
    'a function within another': 'export function f() { const g = () => 1; return g() }',
    'a private constructor': 'export class A { private constructor() {} static a = new A() }',
    'a field by #': 'export class A { #x = 1; y() { return this.#x } }',
  }
  for (const folder of ['localstack/embedded', 'bin/commands', 'functions/shared'])
    expect(refusedSamples({ ...refused, ...allowed }, { folder, rules: STYLE })).toEqual(
      Object.keys(refused).toSorted(),
    )
})

it('the lint rules let commands print by the functions that escape what is harmful', () => {
  const refused = {
    'to standard output': 'export function f(text: string) { process.stdout.write(text) }',
    'to standard error': 'export function f(text: string) { process.stderr.write(`${text}\\n`) }',
  }
  const allowed = {
    'another stream': 'export function f(output: NodeJS.WriteStream) { output.write("x") }',
    'a function': `import { printLine } from '../terminal/print.ts'; export function f() { printLine('x') }`,
  }
  const options = { folder: 'bin/stage', rules: /printable-output/ }
  expect(refusedSamples({ ...refused, ...allowed }, options)).toEqual(Object.keys(refused).toSorted())
  expect(refusedSamples(refused, { ...options, folder: 'bin/terminal' })).toEqual([])
})
