import { globSync, readFileSync } from 'node:fs'

import { expect, it } from 'vitest'

import { cited, pages, proseOf, ROOT } from './page.ts'
import { textsOf } from './template-texts.ts'

const SOURCES = [
  '{bin,lib,functions,feed,localstack,bench,test,.ci}/**/*.{ts,mjs,sql,json,yaml}',
  'web/**/*.{ts,tsx}',
  '*.{json,ts}',
  '.ci/run',
]

/** Names of the systems around TickStock. */
const OF_OTHERS: ReadonlySet<string> = new Set(
  [
    'CDKToolkit CPUCreditBalance Disabled IncomingBytes LastProcessingResult NumberOfNotificationsFailed ReplicationStatus ROLLBACK_COMPLETE ROLLBACK_FAILED',
    'If-None-Match psql',
    // Alpaca, Polygon.
    'lastQuote preMarket afterHours',
    // The indicator that docs/write-an-indicator.md writes.
    'momentum',
  ].flatMap((names) => names.split(' ')),
)

const sources = globSync(SOURCES, { cwd: ROOT, exclude: ['**/node_modules/**', 'test/docs/**'] }).map(
  (file) => readFileSync(ROOT + file, 'utf8'),
)

/** What Postgres says. */
const MESSAGES_OF_OTHERS = new Set(['password authentication failed'])

/** Words of the code, and names in the template, which are put together there. */
function knownWords(): ReadonlySet<string> {
  const words = new Set<string>()
  for (const text of sources) for (const [word] of text.matchAll(/[A-Za-z_][\w-]*/g)) words.add(word)
  for (const text of textsOf('prod')) {
    words.add(text)
    words.add(text.replace(/^tickstock-prod/, 'tickstock-STAGE'))
    words.add(text.replace(/^tickstock-prod-/, ''))
  }
  return words
}

/** Without parameters of an indicator and the day of a partition. */
const stemOf = (name: string): string => name.replace(/((_[nkfsgd]|_\d+)+|_p\d{8})$/, '')

it('every name between backticks is in the code', { timeout: 120_000 }, () => {
  const words = knownWords()
  const prose = pages.map(({ file, text }) => ({ file, text: proseOf(text) }))
  const names = cited(/(?<!`)`([A-Za-z_][\w-]*)(?:\(\))?`/g, prose)
  const isKnown = (name: string): boolean =>
    [name, stemOf(name)].some((each) => words.has(each) || OF_OTHERS.has(each))
  expect(names.filter(({ name }) => !isKnown(name))).toEqual([])
  expect(names.length).toBeGreaterThan(500)
})

it('every message that the runbook looks for in a log is in the code', () => {
  const runbook = pages.filter(({ file }) => file === 'docs/runbook.md')
  const messages = cited(/(?<!`)`([a-z][a-z' ]* [a-z' ]+)`/gi, runbook).filter(
    ({ name }) => !/^(aws|npx) /.test(name),
  )
  const isKnown = (name: string): boolean =>
    MESSAGES_OF_OTHERS.has(name) || sources.some((text) => text.includes(name))
  expect(messages.filter(({ name }) => !isKnown(name))).toEqual([])
  expect(messages.length).toBeGreaterThan(5)
})
