import { DamagedError, EmbeddedRuntimeError } from 'embedded-aws/errors'

import { FeedError } from '../../feed/errors.ts'
import { ConfigError } from '../../lib/config/config-error.ts'
import { isDiskFull } from './disk-full.ts'
import { UsageError } from './errors.ts'
import { printable } from './printable.ts'

/** Errors whose message is complete; a stack would only hide it. */
const EXPECTED = [ConfigError, EmbeddedRuntimeError, UsageError]

/**
 * What the command line reports of an error: one line where the user can do something about it, else the whole stack.
 *
 * @param data whether the next run continues from the data of this one
 */
export function failureMessage(
  error: unknown,
  { data = 'kept' }: { readonly data?: 'kept' | 'thrown-away' } = {},
): string {
  if (!(error instanceof Error)) return String(error)
  const again =
    data === 'kept' ? 'start again; it continues from the data on disk' : 'run it again, from the beginning'
  const full = texts(error).split('\n').find(isDiskFull)
  if (full !== undefined) return `the disk is full (${full.trim()}): free some space and ${again}`
  if (codeOf(error) === 'ERR_WORKER_OUT_OF_MEMORY')
    return `out of memory: a thread reached its limit; give Node.js more (NODE_OPTIONS=--max-old-space-size=2048) and ${again}`
  if (error instanceof DamagedError) return `${error.message} (npm start -- --fresh)`
  if ('$metadata' in error) return `${error.name}: ${error.message}`
  // It names files, entries of archives and what is in them.
  if (error instanceof FeedError) return printable(error.message)
  const isExpected = EXPECTED.some((kind) => error instanceof kind) || /^E[A-Z]+$/.test(codeOf(error))
  return isExpected ? error.message : (error.stack ?? error.message)
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/** The messages of an error and of its causes. */
function texts(error: unknown): string {
  return error instanceof Error ? `${error.message}\n${texts(error.cause)}` : ''
}
