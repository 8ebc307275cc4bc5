import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'

import { waitFor } from './wait-for.ts'

const COMMAND_LINE = fileURLToPath(new URL('../../../bin/tickstock.mjs', import.meta.url))

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
  const ports = ['--port', String(port), '--dashboard-port', '0']
  const child = spawn(
    process.execPath,
    [COMMAND_LINE, 'start', ...ports, '--data', folder, '--symbols', '3', ...options],
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

/** Below those that systems give away by themselves, and apart from those of other workers. */
const FIRST_PORT = 12_000 + 1000 * Number(process.env['VITEST_POOL_ID'] ?? 0)
let nextPort = FIRST_PORT

/** A port that is free, as is the next one; nobody else takes one of them before who asked. */
export async function freePair(): Promise<number> {
  for (;;) {
    const port = nextPort
    nextPort = port < FIRST_PORT + 998 ? port + 2 : FIRST_PORT
    if ((await isFree(port)) && (await isFree(port + 1))) return port
  }
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer().listen(port, '127.0.0.1')
  try {
    await once(probe, 'listening')
    return true
  } catch {
    return false
  } finally {
    probe.close()
  }
}
