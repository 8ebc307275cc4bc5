import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { globSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { messageOf } from 'embedded-aws/errors'

import { printLine } from '../terminal/print.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const DIST = join(ROOT, 'web', 'dist')
/** In the built folder, the hash of what it was built from. A server does not serve it: its name begins with a dot. */
const STAMP = '.built-from'

/** What the page is built from: its own files, the shared arithmetic, and the versions of its packages. */
const SOURCES = [
  'web/index.html',
  'web/vite.config.ts',
  'web/{src,public}/**/*.*',
  'functions/domain/decimal.ts',
]
const PACKAGES = ['@preact/signals', 'lightweight-charts', 'oidc-client-ts', 'preact', 'uplot', 'vite', 'zod']

/**
 * Builds the dashboard where it is missing or was built from other sources.
 *
 * @returns the folder of the built page
 * @throws when it cannot be built; what was there stays
 */
export async function ensureBuilt(): Promise<string> {
  const wanted = hashOfSources()
  if (stampOf(DIST) !== wanted) await buildFrom(wanted)
  return DIST
}

async function buildFrom(hash: string): Promise<void> {
  // A build of another process at the same time has a folder of its own; the last one stays.
  const folder = `${DIST}.${process.pid}`
  try {
    await buildInto(folder)
    writeFileSync(join(folder, STAMP), hash)
    rmSync(DIST, { recursive: true, force: true })
    renameSync(folder, DIST)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** In a process that ends: a process that has loaded Vite keeps 200 MB more. */
async function buildInto(folder: string): Promise<void> {
  const run = promisify(execFile)
  try {
    const program = fileURLToPath(new URL('build-page.ts', import.meta.url))
    // By any other packages choose code for developers, of twice the size.
    await run(process.execPath, [program, folder], { env: { ...process.env, NODE_ENV: 'production' } })
  } catch (error) {
    const printed = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : ''
    throw new Error(`the page cannot be built: ${printed === '' ? messageOf(error) : printed}`, {
      cause: error,
    })
  }
}

function hashOfSources(): string {
  const hash = createHash('sha256')
  const files = globSync(SOURCES, { cwd: ROOT }).toSorted()
  const packages = PACKAGES.map((name) => `node_modules/${name}/package.json`)
  for (const file of [...files, ...packages])
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(ROOT, file)))
      .update('\0')
  return hash.digest('hex')
}

function stampOf(folder: string): string | undefined {
  try {
    return readFileSync(join(folder, STAMP), 'utf8')
  } catch {
    return undefined
  }
}

if (import.meta.main) printLine(await ensureBuilt())
