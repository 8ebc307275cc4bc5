import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { createMigrator } from '../../../functions/migrator/migrator.ts'
import { startEmptyDatabase, type TestDatabase } from '../../localstack/embedded/postgres/test-database.ts'

const SOURCE = join(import.meta.dirname, '../../../functions/migrator')

let server: TestDatabase
let folder: string

beforeAll(async () => {
  server = await startEmptyDatabase()
  folder = await mkdtemp(join(tmpdir(), 'tickstock-bundle-'))
})

afterAll(async () => {
  await server.remove()
  await rm(folder, { recursive: true, force: true })
})

it('bundled for Lambda, the migrator finds its SQL files beside the bundle', async () => {
  const bundle = join(folder, 'index.mjs')
  await build({
    entryPoints: [join(SOURCE, 'migrator.ts')],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  })
  await cp(join(SOURCE, 'migrations'), join(folder, 'migrations'), { recursive: true })
  const bundled: { createMigrator: typeof createMigrator } = await import(pathToFileURL(bundle).href)
  expect(await bundled.createMigrator(server.migratorParts)({ type: 'migrate' })).toMatchObject({
    migrations: ['0001_roles', '0002_tables', '0003_partitions'],
  })
})
