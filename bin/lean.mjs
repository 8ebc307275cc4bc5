// How Node.js runs a command that keeps a deployment in its process. Plain JavaScript for any Node from 20 on.

const COMMANDS = new Set(['start', 'soak', 'load', 'replay', 'chaos'])

/** A thread of little memory looks for garbage whenever it has grown by a third: a fifth of all that a rebuild takes. */
const GROWTH = '--heap-growing-percent=100'

/**
 * By itself V8 keeps 100 MB of short-lived objects of the main thread, and lets garbage grow to 256 MB in each thread before
 * it looks for it.
 */
const FLAGS = ['--max-semi-space-size=4', '--initial-old-space-size=16', GROWTH, '--expose-gc']

/** What ends soon and is waited for has more memory for less work. */
const FLAGS_OF_REPLAY = ['--max-semi-space-size=16', '--initial-old-space-size=64', GROWTH, '--expose-gc']

/** The allocator of Linux by itself has a heap for each thread, and what threads leave in them is never one piece. */
const ENVIRONMENT = { MALLOC_ARENA_MAX: '2' }

/**
 * What Node.js is to be started with for a command; undefined where it runs with it already, or needs nothing.
 *
 * @param {string | undefined} command
 * @param {readonly string[]} execArgv options that this process was started with
 * @returns {{ flags: readonly string[], environment: Readonly<Record<string, string>> } | undefined}
 */
export function leanStart(command, execArgv) {
  if (command === undefined || !COMMANDS.has(command)) return undefined
  const nameOf = (/** @type {string} */ flag) => flag.split('=', 1)[0]
  const given = new Set(execArgv.map(nameOf))
  // Who gives one of them by hand has chosen.
  const all = command === 'replay' ? FLAGS_OF_REPLAY : FLAGS
  const flags = all.filter((flag) => !given.has(nameOf(flag)))
  return flags.length === all.length ? { flags, environment: ENVIRONMENT } : undefined
}
