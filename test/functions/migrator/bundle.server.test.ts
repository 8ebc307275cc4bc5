import { execFile } from 'node:child_process'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startEmptyServer, type TestServer } from '../../support/test-server.ts'

const SOURCE = join(import.meta.dirname, '../../../functions/migrator')

let server: TestServer
let folder: string

beforeAll(async () => {
  server = await startEmptyServer()
  folder = await mkdtemp(join(tmpdir(), 'tickstock-bundle-'))
})

afterAll(async () => {
  await server.remove()
  await rm(folder, { recursive: true, force: true })
})

/** Vitest would rewrite the bundle on import: Node itself must load it, as Lambda does. */
async function runBundle(bundle: string): Promise<unknown> {
  const program = `
    const [url, owner, write, read] = process.argv.slice(1)
    const { createMigrator } = await import(url)
    const load = (text) => async () => JSON.parse(text)
    const migrate = createMigrator({
      credentials: { owner: load(owner), write: load(write), read: load(read) },
      ssl: false, retentionDays: 30, partitionsAhead: 1,
      log: { info() {}, warn() {}, error() {} },
    })
    console.log(JSON.stringify(await migrate({ type: 'migrate' })))`
  const secrets = (['owner', 'app_readwrite', 'app_readonly'] as const).map((role) =>
    JSON.stringify(server.credentials(role)),
  )
  const node = ['--input-type=module', '-e', program, pathToFileURL(bundle).href, ...secrets]
  const { stdout } = await promisify(execFile)(process.execPath, node)
  return JSON.parse(stdout)
}

it('bundled for Lambda, the migrator finds its SQL files beside the bundle', async () => {
  const bundle = join(folder, 'index.mjs')
  await build({
    entryPoints: [join(SOURCE, 'migrator.ts')],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: {
      // Under another name than its own: a package in the bundle imports that too.
      js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
    },
  })
  await cp(join(SOURCE, 'migrations'), join(folder, 'migrations'), { recursive: true })
  expect(await runBundle(bundle)).toMatchObject({ migrations: expect.arrayContaining(['0001_roles']) })
})
