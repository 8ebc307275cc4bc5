import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { UsageError } from '../terminal/errors.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** The CDK app could not be synthesized. */
class SynthesisError extends UsageError {
  override readonly name = 'SynthesisError'
}

/**
 * Runs the CDK app without the CDK's command line.
 *
 * @param folder where the cloud assembly goes
 * @param environment over that of this process
 * @throws SynthesisError with what the app printed
 */
export function runApp(
  folder: string,
  context: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { CDK_OUTDIR: _folder, CDK_CONTEXT_JSON: _context, ...inherited } = process.env
  const child = spawn(process.execPath, [join(ROOT, 'bin/app.ts')], {
    cwd: ROOT,
    env: { ...inherited, ...environment, CDK_OUTDIR: folder, CDK_CONTEXT_JSON: JSON.stringify(context) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  const keep = (chunk: Buffer): void => {
    printed = (printed + chunk.toString()).slice(-4000)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve()
      else reject(new SynthesisError(`the CDK app failed with exit code ${code}:\n${printed.trim()}`))
    })
  })
}
