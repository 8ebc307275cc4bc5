import { SSMProvider } from '@aws-lambda-powertools/parameters/ssm'
import { SSMClient } from '@aws-sdk/client-ssm'
import type { KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda'

import { partialBatchResponse } from '../streams/partial-batch-response.ts'
import { limitedHttp } from './limited-http.ts'
import { type Flag, type FlagName, flagSchema } from './flag-names.ts'

/** The flags that a part reads. */
export type FeatureFlags<Name extends FlagName = FlagName> = { get(name: Name): Promise<Flag> }

/** Reads parameters by their full names; those that do not exist are left out. */
export type ReadParameters = (names: readonly string[]) => Promise<Readonly<Record<string, unknown>>>

export type FlagOptions = {
  readonly log: { error(message: string, details: Readonly<Record<string, unknown>>): void }
  /** @default Systems Manager's */
  readonly read?: ReadParameters
  /** Unix milliseconds. @default the system's */
  readonly now?: () => number
}

/** How long the value of a flag is cached: a change takes effect everywhere within this time. */
export const FLAG_AGE_SECONDS = 5

/** Short, because the batch waits for the flags: a slow Systems Manager must not delay the stream. */
const TIMEOUT_MS = 1000

/**
 * The flags `names` below the parameter path `path`, all read at once and kept for some seconds.
 *
 * A flag that cannot be read keeps its last value, and is on where it was never read: a failure to read flags must not
 * stop the pipeline.
 */
export function createFeatureFlags<const Name extends FlagName>(
  path: string,
  names: readonly Name[],
  { log, read = readParameters(), now = Date.now }: FlagOptions,
): FeatureFlags<Name> {
  const known = new Map<FlagName, Flag>()
  let readAt = -Infinity
  let reading: Promise<void> | undefined
  const refresh = async (): Promise<void> => {
    try {
      const found = await read(names.map((name) => `${path}/${name}`))
      for (const name of names) take(name, found[`${path}/${name}`])
    } catch (error) {
      log.error('the feature flags cannot be read; they keep their last values', {
        path,
        flags: shown(),
        error,
      })
    }
    readAt = now()
    reading = undefined
  }
  const take = (name: Name, value: unknown): void => {
    const flag = flagSchema.safeParse(value)
    if (flag.success) known.set(name, flag.data)
    else
      log.error(`the feature flag ${path}/${name} must be "on" or "off"; it keeps its last value`, {
        value: value ?? 'not set',
        flags: shown(),
      })
  }
  const shown = () => Object.fromEntries(names.map((name) => [name, known.get(name) ?? 'on']))
  return {
    get: async (name) => {
      if (now() - readAt >= FLAG_AGE_SECONDS * 1000) await (reading ??= refresh())
      return known.get(name) ?? 'on'
    },
  }
}

function readParameters(): ReadParameters {
  const requestHandler = limitedHttp({ requestMs: TIMEOUT_MS })
  const provider = new SSMProvider({ awsSdkV3Client: new SSMClient({ requestHandler, maxAttempts: 2 }) })
  return async (names) => {
    const wanted = Object.fromEntries(names.map((name) => [name, {}]))
    // What was read is kept by the flags, with the failures too, which the provider would ask for at every turn.
    return await provider.getParametersByName(wanted, { maxAge: 0, throwOnError: false })
  }
}

type Handle = (event: KinesisStreamEvent) => Promise<KinesisStreamBatchResponse>

/**
 * A stream's consumer behind a flag. While it is off each batch fails at its first record: the records stay on the
 * stream, and are handled when it is on again within the stream's retention.
 */
export function withFeatureFlag<Name extends FlagName>(
  flags: FeatureFlags<Name>,
  name: Name,
  handle: Handle,
): Handle {
  return async (event) => {
    const [first] = event.Records
    if (first === undefined || (await flags.get(name)) === 'on') return await handle(event)
    return partialBatchResponse({ firstFailure: first.kinesis })
  }
}
