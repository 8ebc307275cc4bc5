import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { TestProject } from 'vitest/node'

import { startDeployment } from '../../../bin/embedded/deployment.ts'
import { messageOf } from 'embedded-aws/errors'

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder that will hold `postgres`, a stopped one with the schema and nothing else, or `failure`, why not. */
    readonly preparedDatabase: string
  }
}

/**
 * Synthesizes stage `local` and migrates a database while other tests run, so that a deployment of the system tests need
 * not do it again: that takes two thirds of its start.
 */
export default function setUp(project: TestProject): () => Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tickstock-prepared-'))
  chmodSync(folder, 0o711)
  project.provide('preparedDatabase', folder)
  const prepared = prepare(folder)
  return async () => {
    await prepared
    rmSync(folder, { recursive: true, force: true })
  }
}

async function prepare(folder: string): Promise<void> {
  const data = join(folder, 'data')
  // Root's Postgres then stays in it: a copy must have the database, not the way to it.
  mkdirSync(data, { mode: 0o711 })
  try {
    const deployment = await startDeployment({ data, durability: 'none' })
    await deployment.stop()
    if (existsSync(join(data, 'postgres', 'location'))) throw new Error('the database is not in its folder')
    renameSync(join(data, 'postgres'), join(folder, 'postgres'))
  } catch (error) {
    writeFileSync(join(folder, 'failure'), messageOf(error))
  }
}
