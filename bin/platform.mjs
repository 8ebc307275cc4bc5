// What differs between Windows and other systems before anything is installed. Plain JavaScript for any Node from 20 on.
import { basename, dirname, join, win32 } from 'node:path'

/**
 * Where the package `node` has its program, below node_modules.
 *
 * @param {NodeJS.Platform} platform
 */
export function nodeFile(platform) {
  return `node/bin/node${platform === 'win32' ? '.exe' : ''}`
}

/**
 * The command that runs npm: that npm which started this process, else the one on the PATH. On Windows that one is a batch
 * file, which only a shell runs: there it is the npm that comes with Node.
 *
 * @param {object} process
 * @param {NodeJS.Platform} process.platform
 * @param {string} process.execPath
 * @param {string | undefined} process.npmPath `npm_execpath`; another package manager sets it too
 * @returns {[string, ...string[]]}
 */
export function npmCommand({ platform, execPath, npmPath }) {
  const path = platform === 'win32' ? win32 : { basename, dirname, join }
  if (npmPath !== undefined && /^npm\b.*\.[cm]?js$/.test(path.basename(npmPath))) return [execPath, npmPath]
  if (platform !== 'win32') return ['npm']
  return [execPath, path.join(path.dirname(execPath), 'node_modules', 'npm', 'bin', 'npm-cli.js')]
}
