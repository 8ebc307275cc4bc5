import type { TestProject } from 'vitest/node'

import type { ConnectionConfig } from 'embedded-aws/postgres'
import { startMigratedServer } from './test-server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The superuser of the server that tests share, and the database there with the schema and nothing else. */
    readonly sharedServer: { readonly superuser: ConnectionConfig; readonly template: string }
  }
}

/** Starts the server on which each test that leaves server and roles alone gets a database of its own. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const { preparedCluster } = project.getProvidedContext()
  const server = await startMigratedServer({ cluster: preparedCluster })
  const { dbname } = server.credentials('owner')
  project.provide('sharedServer', { superuser: server.superuser, template: dbname })
  return () => server.remove()
}
