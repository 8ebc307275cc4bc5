#!/usr/bin/env node
// The launcher of every command: `npx tickstock COMMAND`. Plain JavaScript for any Node from 20 on: importing the setup
// installs what is missing, and the command line itself then runs on the Node that was installed.
import { spawn } from 'node:child_process'
import { realpathSync } from 'node:fs'
import * as module from 'node:module'
import { fileURLToPath } from 'node:url'

import { node } from './setup.mjs'

if (realpathSync(process.execPath) === realpathSync(node)) {
  // Types stripped and modules compiled once are kept. Where the folder cannot be written, they are not.
  module.enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url)))
  await import('./tickstock.ts')
} else runInstalledNode()

function runInstalledNode() {
  const main = fileURLToPath(new URL('tickstock.ts', import.meta.url))
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' })
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
