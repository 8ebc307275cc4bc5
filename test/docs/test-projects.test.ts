import { globSync, readFileSync } from 'node:fs'
import { matchesGlob } from 'node:path'
import { fileURLToPath } from 'node:url'

import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import config from '../../vitest.config.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const read = (file: string): string => readFileSync(`${ROOT}${file}`, 'utf8')
const patterns = z.array(z.string())
const projects = z
  .object({
    test: z.object({
      projects: z.array(
        z.object({
          test: z.object({ name: z.string(), include: patterns, exclude: patterns.default([]) }),
        }),
      ),
    }),
  })
  .parse(config)
  .test.projects.map(({ test }) => test)
const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(read('package.json')))
const runBy = (script: string): string[] =>
  [...(scripts[script] ?? '').matchAll(/--project ([\w-]+)/g)].map(([, name = '']) => name)

describe('no test is left out:', () => {
  it('each file is in one project', () => {
    const files = globSync('{test,localstack}/**/*.test.ts', {
      cwd: ROOT,
      exclude: (name) => name.includes('node_modules'),
    }).filter((file) => !file.startsWith('test/deployment/'))
    const matches = (file: string, globs: readonly string[]) => globs.some((glob) => matchesGlob(file, glob))
    const counts = files.map((file) => [
      file,
      projects.filter(({ include, exclude }) => matches(file, include) && !matches(file, exclude)).length,
    ])
    expect(counts.filter(([, count]) => count !== 1)).toEqual([])
    expect(files.length).toBeGreaterThan(300)
  })

  it('each project is run by one of `npm test` and `npm run test:long`, and the gate runs both', () => {
    expect([...runBy('test'), ...runBy('test:long')].toSorted()).toEqual(
      projects.map(({ name }) => name).toSorted(),
    )
    const gate = read('.ci/run')
    expect(gate).toMatch(/^tests\(\) \{\n[^}]*\bnpm test\n/m)
    expect(gate).toMatch(/^long\(\) \{\n[^}]*\bnpm run --silent test:long\n/m)
    expect(gate).toMatch(/steps=\(tests long /)
  })
})
