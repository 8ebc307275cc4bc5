#!/usr/bin/env node
// The launcher of every command: `npx tickstock COMMAND`. Plain JavaScript for any Node from 20 on: importing the setup
// installs what is missing, and the command line itself then runs on the Node that was installed.
import { spawn } from 'node:child_process'
import { realpathSync } from 'node:fs'
import * as module from 'node:module'
import { fileURLToPath } from 'node:url'

import { leanStart } from './lean.mjs'
import { node } from './setup.mjs'

const isInstalled = realpathSync(process.execPath) === realpathSync(node)
const lean = leanStart(process.argv[2], process.execArgv)
// Windows has no such call, and no Node before 22.15.
const canBeReplaced = process.platform !== 'win32' && process.execve !== undefined

if (canBeReplaced && (!isInstalled || lean !== undefined)) replaceProcess()
else if (isInstalled) {
  // Types stripped and modules compiled once are kept. Where the folder cannot be written, they are not.
  module.enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url)))
  await import('./tickstock.ts')
} else runInstalledNode()

/** Goes on as the installed Node in this very process: signals, terminal and exit code are its own. */
function replaceProcess() {
  const given = [...(lean?.flags ?? []), ...process.execArgv, ...process.argv.slice(1)]
  process.execve?.(node, [node, ...given], { ...process.env, ...lean?.environment })
}

function runInstalledNode() {
  const main = fileURLToPath(new URL('tickstock.ts', import.meta.url))
  const child = spawn(node, [...(lean?.flags ?? []), main, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, ...lean?.environment },
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK'])
    process.on(signal, () => {
      // A terminal sends Ctrl-C to both processes, as a console of Windows does, where a kill would end the other at once.
      const isSentToBoth = process.platform === 'win32' || (signal === 'SIGINT' && process.stdin.isTTY)
      if (!isSentToBoth) child.kill(signal)
    })
  child.once('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1)
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK']) process.removeAllListeners(name)
    process.kill(process.pid, signal)
  })
  child.once('error', (error) => {
    process.stderr.write(`${node} cannot be run: ${error.message}\n`)
    process.exit(1)
  })
}
