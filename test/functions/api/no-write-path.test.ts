import { fileURLToPath } from 'node:url'

import { build } from 'esbuild'
import { expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** Every module that would be in the bundle of a function. */
async function modulesOf(part: string): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: [`${ROOT}functions/${part}/handler.ts`],
    absWorkingDir: ROOT,
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    external: ['pg-native'],
  })
  return Object.keys(metafile.inputs)
}

const WRITERS =
  /@aws-sdk\/client-(?!secrets-manager\/)|functions\/(bar-writer|migrator|aggregator|sweeper|analytics)\/|functions\/shared\/(kinesis|put-in-order|bar-stream|dead-letters|state-store|minute-state-store)/

it('the API reaches no client of a stream, table or bucket, and no code of a part that writes', async () => {
  const modules = await modulesOf('api')
  expect(modules).toContain('functions/shared/postgres/database.ts')
  expect(modules.filter((path) => WRITERS.test(path))).toEqual([])
})

it('such code would be found', async () => {
  expect((await modulesOf('bar-writer')).filter((path) => WRITERS.test(path))).toEqual(
    expect.arrayContaining([
      expect.stringContaining('@aws-sdk/client-s3'),
      'functions/bar-writer/write-bars.ts',
      'functions/shared/dead-letters/dead-letters.ts',
    ]),
  )
})

it('no SQL of the API writes', async () => {
  const { outputFiles } = await build({
    entryPoints: [`${ROOT}functions/api/endpoints.ts`],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    packages: 'external',
  })
  const code = outputFiles.map(({ text }) => text).join('\n')
  expect(code).toContain('ohlcv_1min')
  expect(code).not.toMatch(/\b(INSERT INTO|UPDATE \w+ SET|DELETE FROM|TRUNCATE|COPY|FOR UPDATE)\b/)
})
