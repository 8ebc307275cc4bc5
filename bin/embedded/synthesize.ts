import { createHash } from 'node:crypto'
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { ownerHint } from '../owner.mjs'
import { UsageError } from '../terminal/errors.ts'
import { isAlive } from '../terminal/is-alive.ts'
import { projectSettings } from './project-settings.ts'
import { runApp } from './run-app.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const INPUTS = ['bin/app.ts', 'lib', 'functions', 'feed', 'package-lock.json', 'cdk.json']
/**
 * The CDK judges a template for seconds by rules of AWS, and keeps the stack of the call that made each resource; nothing here
 * reads either.
 */
const QUICKLY = { CDK_VALIDATION: 'false', CDK_DISABLE_STACK_TRACE: '1' }
/** Assemblies kept, and all that were used so lately: a running deployment may still load its functions from one of them. */
const KEPT = 8
const LATELY_MS = 3 * 3_600_000

export type SynthesisOptions = {
  /** Settings over those of `cdk.json`, as `-c` gives them. @default none */
  readonly settings?: Readonly<Record<string, unknown>>
  /** Called when there is work to do, which takes some seconds. */
  readonly onWork?: () => void
}

/**
 * The folder of the cloud assembly of stage `local` with its settings in `cdk.json`, synthesized unless this very source was before.
 *
 * @throws SynthesisError with what the CDK app printed
 * @throws UsageError when another user has synthesized here
 */
export async function synthesize({
  settings = {},
  onWork = () => {},
}: SynthesisOptions = {}): Promise<string> {
  const outputs = join(ROOT, 'cdk.out')
  const name = `local-${fingerprint(settings)}`
  const assembly = join(outputs, name)
  if (existsSync(join(assembly, 'manifest.json'))) {
    markUsed(assembly)
    return assembly
  }
  refuseUnwritable(existsSync(outputs) ? outputs : ROOT)
  onWork()
  mkdirSync(outputs, { recursive: true })
  // Two of one process may synthesize at the same time.
  const draft = mkdtempSync(join(outputs, `draft-${process.pid}-`))
  try {
    await runApp(draft, { ...projectSettings(), ...settings, stage: 'local' }, QUICKLY)
    // Lambda takes a .js file as CommonJS, whatever the package around the assembly says.
    writeFileSync(join(draft, 'package.json'), '{}\n')
    moveUnlessThere(draft, assembly)
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
  prune(outputs)
  return assembly
}

/** Somebody else may have been faster with the same assembly. */
function moveUnlessThere(draft: string, assembly: string): void {
  try {
    renameSync(draft, assembly)
  } catch (error) {
    if (!existsSync(join(assembly, 'manifest.json'))) throw error
  }
}

function refuseUnwritable(folder: string): void {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new UsageError(`the CDK app cannot be synthesized: ${ownerHint(folder)}`, { cause: error })
  }
}

/** Changes with everything that an assembly is made from. */
function fingerprint(settings: object): string {
  const hash = createHash('sha256').update(process.version).update(JSON.stringify(settings))
  for (const input of INPUTS)
    for (const file of filesOf(join(ROOT, input))) {
      hash.update(file.slice(ROOT.length))
      hash.update(readFileSync(file))
    }
  return hash.digest('hex').slice(0, 16)
}

function filesOf(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path)
    .toSorted()
    .flatMap((name) => filesOf(join(path, name)))
}

function markUsed(assembly: string): void {
  const now = new Date()
  try {
    utimesSync(assembly, now, now)
  } catch {
    // That of another user, who may prune it.
  }
}

/** Removes what nobody uses any more. */
export function prune(outputs: string): void {
  for (const name of readdirSync(outputs)) {
    const [, pid] = /^draft-(\d+)/.exec(name) ?? []
    // Of a synthesis that was killed.
    if (pid !== undefined && !isAlive(Number(pid)))
      rmSync(join(outputs, name), { recursive: true, force: true })
  }
  const assemblies = readdirSync(outputs)
    .filter((name) => name.startsWith('local-'))
    .map((name) => ({ name, usedAt: statSync(join(outputs, name)).mtimeMs }))
    .toSorted((a, b) => b.usedAt - a.usedAt)
  for (const { name, usedAt } of assemblies.slice(KEPT))
    if (usedAt < Date.now() - LATELY_MS) rmSync(join(outputs, name), { recursive: true, force: true })
}
