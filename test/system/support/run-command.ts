import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const COMMAND_LINE = fileURLToPath(new URL('../../../bin/tickstock.ts', import.meta.url))

/** Runs a command of the command line with just this environment, beside what any process needs. */
export function runCommand(
  given: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const { PATH, HOME, TMPDIR } = process.env
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [COMMAND_LINE, ...given],
      { env: { PATH, HOME, TMPDIR, ...environment } },
      (_error, stdout, stderr) => resolve({ code: child.exitCode ?? 1, stdout, stderr }),
    )
  })
}
