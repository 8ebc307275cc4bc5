import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'

import { freePort } from 'embedded-aws/testing'

import { waitFor } from './wait-for.ts'

const COMMAND_LINE = fileURLToPath(new URL('../../../bin/tickstock.ts', import.meta.url))

/** A running `npm start`. */
export type Started = {
  readonly port: number
  readonly child: ChildProcess
  /** All that it has printed. */
  readonly printed: () => string
  /** Ends it as Ctrl-C does; its exit code. */
  readonly interrupt: () => Promise<number | null>
}

/** Runs `npm start` with its data in a folder, until it is up or has ended. */
export function startIn(folder: string, ...options: readonly string[]): Promise<Started> {
  return startUntil('\nstop ', folder, options)
}

/** Runs `npm start` with its data in a folder, until it has printed some text or has ended. */
export async function startUntil(
  awaited: string,
  folder: string,
  options: readonly string[],
): Promise<Started> {
  const port = await freePair()
  const child = spawn(
    process.execPath,
    [COMMAND_LINE, 'start', '--port', String(port), '--data', folder, '--symbols', '3', ...options],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
  await waitFor(() => text.includes(awaited) || child.exitCode !== null, 'the start')
  return {
    port,
    child,
    printed: () => text,
    interrupt: async () => {
      if (child.exitCode !== null) throw new Error(`it has ended already: ${text}`)
      const ended = once(child, 'exit')
      child.kill('SIGINT')
      await ended
      return child.exitCode
    },
  }
}

/** A port that is free, as is the next one. */
async function freePair(): Promise<number> {
  for (;;) {
    const port = await freePort()
    const next = createServer().listen(port + 1, '127.0.0.1')
    const isFree = await once(next, 'listening').then(
      () => true,
      () => false,
    )
    next.close()
    if (isFree) return port
  }
}
