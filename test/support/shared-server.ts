import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { TestProject } from 'vitest/node'

import type { ConnectionConfig } from 'embedded-aws/postgres'
import { startMigratedServer } from './test-server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder of a Postgres with the database `tickstock` and its schema: for `startMigratedServer` to start a copy of. */
    readonly migratedCluster: string
    /** The superuser of the server that tests share, and the database there with the schema and nothing else. */
    readonly sharedServer: { readonly superuser: ConnectionConfig; readonly template: string }
  }
}

/** Starts the server on which each test that leaves server and roles alone gets a database of its own. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const { preparedCluster } = project.getProvidedContext()
  const server = await startMigratedServer({ cluster: preparedCluster })
  const migrated = await mkdtemp(join(tmpdir(), 'tickstock-migrated-'))
  await server.stop()
  await cp(server.folder, migrated, { recursive: true })
  await server.start()
  project.provide('migratedCluster', migrated)
  const { dbname } = server.credentials('owner')
  project.provide('sharedServer', { superuser: server.superuser, template: dbname })
  return async () => {
    await server.remove()
    await rm(migrated, { recursive: true, force: true })
  }
}
