import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { freePort } from 'embedded-aws/testing'

import { installPythonPackage } from '../support/python-package.ts'

const VERSION = '1.5.33'
const HOST = '127.0.0.1'
const HOME = fileURLToPath(new URL('../../.emulators/ministack', import.meta.url))
/** It leaves the code of its functions behind when it is stopped. */
const TEMPORARY = join(HOME, 'tmp')
const START_MS = 60_000
/** It never ends while a custom resource owes an answer. */
const STOP_MS = 5000

/** Starts MiniStack on a free port of loopback; the first time it is installed from PyPI. */
export async function startMiniStack(): Promise<{ url: string; stop(): Promise<void> }> {
  const python = await installPythonPackage('ministack', { version: VERSION, home: HOME })
  rmSync(TEMPORARY, { recursive: true, force: true })
  mkdirSync(TEMPORARY)
  // Its worker for functions is a CommonJS file, which our own package.json would make a module.
  writeFileSync(join(TEMPORARY, 'package.json'), '{}')
  const port = await freePort()
  const log = join(HOME, 'log')
  const output = openSync(log, 'w')
  const server = spawn(python, ['-m', 'ministack'], {
    cwd: HOME,
    env: {
      ...process.env,
      // It runs the functions with the `node` that it finds first: let it be ours.
      PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`,
      BIND_HOST: HOST,
      GATEWAY_PORT: String(port),
      LAMBDA_EXECUTOR: 'local',
      TMPDIR: TEMPORARY,
    },
    stdio: ['ignore', output, output],
  })
  closeSync(output)
  const end = (): void => void server.kill('SIGKILL')
  process.once('exit', end)
  const stop = async (): Promise<void> => {
    process.off('exit', end)
    if (server.exitCode !== null || server.signalCode !== null) return
    server.kill('SIGTERM')
    const impatience = setTimeout(end, STOP_MS)
    await once(server, 'exit')
    clearTimeout(impatience)
  }
  const url = `http://${HOST}:${port}`
  for (const giveUp = Date.now() + START_MS; !(await answers(url)); await delay(50)) {
    if (server.exitCode === null && Date.now() < giveUp) continue
    await stop()
    throw new Error(`MiniStack did not start; the end of ${log}:\n${readFileSync(log, 'utf8').slice(-2000)}`)
  }
  return { url, stop }
}

async function answers(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/_ministack/health`).catch(() => undefined)
  return answer?.ok ?? false
}
