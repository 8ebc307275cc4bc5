import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { TestProject } from 'vitest/node'

import { startPostgres } from 'embedded-aws/postgres'

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder of a Postgres that has run once and holds nothing: for `startPostgres` to start a copy of. */
    readonly preparedCluster: string
  }
}

/** Lets `initdb`, which takes a second, run once for all servers that the tests of a project start. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'tickstock-cluster-'))
  const postgres = await startPostgres({ folder, durability: 'none' })
  await postgres.stop()
  project.provide('preparedCluster', folder)
  return () => rm(folder, { recursive: true, force: true })
}
