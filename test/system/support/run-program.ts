import { spawn } from 'node:child_process'

import { onTestFinished } from 'vitest'

/** Runs the program of a container as the container does, with this environment alone; it ends with the test. */
export function runProgram(program: string, environment: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, ['--enable-source-maps', program], { env: environment })
  onTestFinished(() => void child.kill('SIGKILL'))
  let printed = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      printed += chunk.toString()
    })
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  return {
    printed: () => printed,
    /** Its exit code. */
    ended,
    /** Does what ECS does, and waits for its end. */
    stop: () => {
      child.kill('SIGTERM')
      return ended
    },
  }
}
