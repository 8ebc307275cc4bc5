import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const COMMAND_LINE = fileURLToPath(new URL('../../../bin/tickstock.mjs', import.meta.url))

export type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string }

/** A command that runs. */
export type RunningCommand = {
  /** All that it has printed, to either stream. */
  readonly printed: () => string
  /** Does what Ctrl-C does. */
  readonly interrupt: () => void
  readonly signal: (name: NodeJS.Signals) => void
  readonly ended: Promise<Ended>
}

/** Starts a command of the command line with just this environment, beside what any process and each deployment needs. */
export function startCommand(
  given: readonly string[],
  environment: Readonly<Record<string, string>>,
): RunningCommand {
  const { PATH, HOME, TMPDIR, TICKSTOCK_AFFINITY, TICKSTOCK_SHARD_WORKERS } = process.env
  const child = spawn(process.execPath, [COMMAND_LINE, ...given], {
    env: { PATH, HOME, TMPDIR, TICKSTOCK_AFFINITY, TICKSTOCK_SHARD_WORKERS, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const printed = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      printed[name] += text
    })
  return {
    printed: () => printed.stdout + printed.stderr,
    interrupt: () => void child.kill('SIGINT'),
    signal: (name) => void child.kill(name),
    ended: once(child, 'close').then(() => ({ code: child.exitCode ?? 1, ...printed })),
  }
}

/** Runs a command to its end. */
export function runCommand(
  given: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Ended> {
  return startCommand(given, environment).ended
}
