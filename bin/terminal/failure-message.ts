import { DamagedError, EmbeddedRuntimeError } from 'embedded-aws/errors'

import { FeedError } from '../../feed/errors.ts'
import { ConfigError } from '../../lib/config.ts'
import { isDiskFull } from './disk-full.ts'
import { UsageError } from './errors.ts'

/** Errors whose message is complete; a stack would only hide it. */
const EXPECTED = [ConfigError, FeedError, EmbeddedRuntimeError, UsageError]

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
  const full = texts(error).split('\n').find(isDiskFull)
  if (full !== undefined)
    return `the disk is full (${full.trim()}): free some space and ${data === 'kept' ? 'start again; it continues from the data on disk' : 'run it again, from the beginning'}`
  if (error instanceof DamagedError) return `${error.message} (npm start -- --fresh)`
  if ('$metadata' in error) return `${error.name}: ${error.message}`
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
