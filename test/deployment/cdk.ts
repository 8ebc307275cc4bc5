import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const CDK = join(dirname(createRequire(import.meta.url).resolve('aws-cdk/package.json')), 'bin/cdk')

/** Runs the CDK's command line and gives what it printed; rejects with that when it fails. */
export type Cdk = (...arguments_: readonly string[]) => Promise<string>

/**
 * The CDK's command line as anyone would use it, on this project.
 *
 * @param options.output folder for the assembly, apart from the one of other commands that run at the same time
 * @param options.context settings that differ from those of stage `local`
 */
export function createCdk(
  environment: Readonly<Record<string, string>>,
  { output, context }: { readonly output: string; readonly context: Readonly<Record<string, string>> },
): Cdk {
  const settings = Object.entries(context).flatMap(([key, value]) => ['-c', `${key}=${value}`])
  return async (...arguments_) => {
    const child = spawn(
      process.execPath,
      [CDK, ...arguments_, ...settings, '--output', output, '--no-notices'],
      {
        cwd: ROOT,
        env: { ...process.env, ...environment, CI: 'true', NO_COLOR: '1' },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    const [printed, complaints, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit'),
    ])
    if (code !== 0)
      throw new Error(`cdk ${arguments_.join(' ')} ended with ${String(code)}:\n${printed}${complaints}`)
    return printed + complaints
  }
}
