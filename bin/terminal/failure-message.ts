import { DamagedError, EmbeddedRuntimeError } from 'embedded-aws/errors'

import { FeedError } from '../../feed/errors.ts'
import { ConfigError } from '../../lib/config.ts'
import { PriceError } from '../cost/bill.ts'
import { UsageError } from './errors.ts'
import { SynthesisError } from '../embedded/run-app.ts'
import { StuckError } from '../embedded/settle.ts'

/** Errors that say all there is to say; a stack would only hide it. */
const EXPECTED = [
  ConfigError,
  PriceError,
  FeedError,
  EmbeddedRuntimeError,
  UsageError,
  SynthesisError,
  StuckError,
]

/** How Node.js, SQLite, LevelDB and Postgres say that the disk is full. */
const DISK_FULL = /[^\n]*(ENOSPC|no space left on device|disk is full|could not extend file)[^\n]*/i

/**
 * What the command line says about an error: a sentence where it is one of the user's, else the whole stack.
 *
 * @param environment where it looks for the endpoint that does not answer
 * @param data whether the command goes on from its data the next time
 */
export function failureMessage(
  error: unknown,
  {
    environment = process.env,
    data = 'kept',
  }: { readonly environment?: NodeJS.ProcessEnv; readonly data?: 'kept' | 'thrown-away' } = {},
): string {
  if (!(error instanceof Error)) return String(error)
  const full = DISK_FULL.exec(texts(error))?.[0]
  if (full !== undefined)
    return `the disk is full (${full.trim()}): free some space and ${data === 'kept' ? 'start again; it goes on from what was kept' : 'run it again, from the beginning'}`
  if (error instanceof DamagedError) return `${error.message} (npm start -- --fresh)`
  const endpoint = environment['AWS_ENDPOINT_URL']
  if (error.name === 'CredentialsProviderError' || error.message === 'Region is missing')
    return `${error.message}: set AWS_ENDPOINT_URL to a deployment on this machine (npm start prints it), or AWS_REGION and the credentials of an AWS account`
  if (codeOf(error) === 'ECONNREFUSED' && endpoint !== undefined)
    return `nothing answers at ${endpoint} (${error.message}); is the deployment running? npm start prints its endpoint`
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
