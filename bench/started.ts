import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { freePort } from 'embedded-aws/testing'

import { readRunning, type RunningDeployment } from '../bin/stage/running-deployment.ts'

/** What `npx tickstock` runs, which starts a deployment with its own bounds of memory. */
export const COMMAND_LINE = fileURLToPath(new URL('../bin/tickstock.mjs', import.meta.url))

export type Started = {
  readonly deployment: RunningDeployment
  readonly pid: number
  /** Its data folder. */
  readonly data: string
}

/** Runs `tickstock start` with these options and data of its own while `work` measures it. */
export async function withStarted<Result>(
  options: readonly string[],
  work: (started: Started) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'tickstock-bench-'))
  const port = await freePort()
  const all = ['start', '--port', String(port), '--dashboard-port', '0', '--data', folder, ...options]
  const child = spawn(process.execPath, [COMMAND_LINE, ...all], { stdio: 'ignore' })
  const exited = once(child, 'exit')
  try {
    const ended = exited.then(([code]) => {
      throw new Error(`tickstock ${all.join(' ')} ended with ${String(code)}; run it by hand to see why`)
    })
    const deployment = await Promise.race([untilRunning(folder), ended])
    return await Promise.race([work({ deployment, pid: child.pid ?? 0, data: folder }), ended])
  } finally {
    child.kill('SIGINT')
    await exited
    rmSync(folder, { recursive: true, force: true })
  }
}

async function untilRunning(folder: string): Promise<RunningDeployment> {
  for (;;) {
    const file = readRunning(folder)
    if (file.type === 'running') return file.deployment
    await wait(200)
  }
}
