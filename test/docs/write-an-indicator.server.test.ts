import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { readPage, ROOT, sectionOf } from './page.ts'

const page = readPage('docs/write-an-indicator.md')
const CONTRACT = 'test/functions/domain/indicators/contract.test.ts'
const TABLE = 'functions/domain/indicators/table.ts'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickstock-test-'))
  for (const each of ['functions', 'test/support', CONTRACT, 'tsconfig.json', 'package.json'])
    cpSync(join(ROOT, each), join(folder, each), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  const [file = ''] = blocksOf('1. Write the file')
  writeFileSync(join(folder, 'functions/domain/indicators/momentum.ts'), file)
  const [theImport = '', row = ''] = blocksOf('2. Add it to the table')
  edit(TABLE, 'import { obv }', theImport)
  edit(TABLE, "  ['obv', obv]", row)
  const [firstBars = ''] = blocksOf('3. Add it to the contract')
  edit(CONTRACT, '  obv: {', firstBars)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function blocksOf(section: string): string[] {
  return [...sectionOf(page, section).matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code)
}

/** Puts lines of the page before a line of a file. */
function edit(file: string, before: string, lines: string): void {
  const text = readFileSync(join(folder, file), 'utf8')
  expect(text).toContain(`\n${before}`)
  writeFileSync(join(folder, file), text.replace(`\n${before}`, `\n${lines}${before}`))
}

function run(tool: string, given: readonly string[]) {
  const { PATH, HOME, TMPDIR } = process.env
  return spawnSync(process.execPath, [join(ROOT, 'node_modules', tool), ...given], {
    cwd: folder,
    env: { PATH, HOME, TMPDIR },
    encoding: 'utf8',
  })
}

describe('who follows docs/write-an-indicator.md has an indicator', { timeout: 120_000 }, () => {
  it('that compiles', () => {
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ extends: join(ROOT, 'tsconfig.json'), include: ['functions/domain'] }),
    )
    const { stdout, status } = run('typescript/bin/tsc', ['--noEmit'])
    expect({ stdout, status }).toEqual({ stdout: '', status: 0 })
  })

  it('that keeps the contract', () => {
    const report = join(folder, 'report.json')
    run('vitest/vitest.mjs', ['run', '--reporter=json', `--outputFile=${report}`, '-t', 'momentum', CONTRACT])
    const { testResults } = z
      .object({
        testResults: z.array(
          z.object({ assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })) }),
        ),
      })
      .parse(JSON.parse(readFileSync(report, 'utf8')))
    const results = testResults
      .flatMap(({ assertionResults }) => assertionResults)
      .filter(({ fullName }) => fullName.startsWith('momentum'))
    expect(results.length).toBeGreaterThanOrEqual(8)
    expect(results.filter(({ status }) => status !== 'passed')).toEqual([])
  })
})
