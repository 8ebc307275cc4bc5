import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { App, Stack } from 'aws-cdk-lib'
import { Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { bundledCode } from '../../lib/bundled-code.ts'

/** What only Arrow's code has, and only that of Parquet. */
const LARGE = ['RecordBatchStreamWriter', 'parquet columns must have the same length']

let folder: string
/** Of the asset of the API, by name. */
let files: ReadonlyMap<string, string>

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickstock-bundles-'))
  const app = new App({ outdir: folder })
  new LambdaFunction(new Stack(app, 'Stack'), 'Function', {
    code: bundledCode('api'),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_24_X,
  })
  app.synth()
  const names = globSync('asset.*/*.mjs', { cwd: folder })
  files = new Map(
    names.map((name) => [name.replace(/^.*[/\\]/, ''), readFileSync(join(folder, name), 'utf8')]),
  )
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true }))

/** A file with all that it imports before it runs. */
function loadedWith(name: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(name)) return seen
  seen.add(name)
  const imports = (files.get(name) ?? '').matchAll(/(?:from|import)"\.\/([^"]+\.mjs)"/g)
  for (const [, imported = ''] of imports) loadedWith(imported, seen)
  return seen
}

it('the API starts without the code of Arrow and Parquet, which is beside it', () => {
  const loaded = loadedWith('index.mjs')
  expect(loaded.size).toBeGreaterThan(1)
  for (const text of LARGE) {
    const having = [...files].flatMap(([name, code]) => (code.includes(text) ? [name] : []))
    expect(having.length).toBeGreaterThan(0)
    expect(having.filter((name) => loaded.has(name))).toEqual([])
  }
})
