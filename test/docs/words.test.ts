import { globSync, readFileSync } from 'node:fs'

import { expect, it } from 'vitest'

import { cited, pages, proseOf, ROOT } from './page.ts'

const SOURCES = '{bin,lib,functions,feed,localstack,bench,test,.ci}/**/*.{ts,mjs,sql,json,yaml,py}'

/** Names of the systems around TickStock, and of what the reader makes. */
const OF_OTHERS = new Set<string>([])

function sourceWords(): ReadonlySet<string> {
  const files = globSync([SOURCES, '*.{json,ts}', '.ci/run'], {
    cwd: ROOT,
    exclude: ['**/node_modules/**', 'test/docs/**'],
  })
  const words = new Set<string>()
  for (const file of files)
    for (const [word] of readFileSync(ROOT + file, 'utf8').matchAll(/[A-Za-z_][\w-]*/g)) words.add(word)
  return words
}

it('every name between backticks is in the code', () => {
  const words = sourceWords()
  const prose = pages.map(({ file, text }) => ({ file, text: proseOf(text) }))
  const names = cited(/(?<!`)`([A-Za-z_][\w-]*)(?:\(\))?`/g, prose)
  expect(names.filter(({ name }) => !words.has(name) && !OF_OTHERS.has(name))).toEqual([])
  expect(names.length).toBeGreaterThan(500)
})
