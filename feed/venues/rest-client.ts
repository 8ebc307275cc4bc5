import type { Clock } from '../clock.ts'
import { parseFrame } from './frame.ts'
import { keyVariablesOf } from './keys.ts'
import type { Get, Keys, Venue } from './venue.ts'

/** A venue's REST API did not answer a request, or refused it. */
class RestError extends Error {
  override readonly name: string = 'RestError'
}

/** There was no answer at all: it may be the network. */
export class NoAnswerError extends RestError {
  override readonly name = 'NoAnswerError'
}

export type RestOptions = {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Milliseconds that an answer may take. @default 10,000 */
  readonly timeoutMs?: number
  readonly report: (text: string) => void
  /** @default none */
  readonly keys?: Keys
}

/** Seconds to wait when a venue says that it is asked too often, and not for how long. */
const THROTTLED_S = 5
/** No venue asks for more; a date in the far future must not end the feed. */
const LONGEST_WAIT_S = 15 * 60

/**
 * Requests to one venue, one after the other and spaced as its limits ask. Waits as long as a 418 or 429 says, and asks again.
 *
 * @throws RestError when there is no answer, or another error
 */
export function createRest(
  venue: Venue,
  { clock, signal, timeoutMs = 10_000, report, keys = {} }: RestOptions,
): Get {
  let queue: Promise<unknown> = Promise.resolve()
  let nextAt = 0

  async function spaced(path: string): Promise<unknown> {
    for (;;) {
      await clock.sleep(Math.max(0, nextAt - clock.now()), signal)
      if (signal.aborted) throw new RestError('it was stopped')
      nextAt = clock.now() + venue.restEveryMs
      const answer = await request(path)
      if (answer.type === 'answer') return answer.value
      report(`it is asked too often (${answer.reason}); the next request is in ${answer.seconds} s`)
      nextAt = clock.now() + answer.seconds * 1000
    }
  }

  async function request(path: string): Promise<Answer> {
    const response = await fetch(`${venue.restUrl}${path}`, {
      headers: { accept: 'application/json', 'user-agent': 'tickstock', ...venue.restHeaders?.(keys) },
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    }).catch((error: unknown) => {
      throw new NoAnswerError(`no answer: ${causeOf(error)}`, { cause: error })
    })
    const text = await response.text().catch((error: unknown) => {
      throw new RestError(`the answer broke off: ${causeOf(error)}`, { cause: error })
    })
    if (response.status === 418 || response.status === 429)
      return {
        type: 'throttled',
        reason: `${response.status}`,
        seconds: waitOf(response.headers.get('retry-after')),
      }
    if (!response.ok) throw new RestError(`${response.status}: ${text.slice(0, 200)}${hint(response.status)}`)
    const value = parseFrame(text)
    const fault = venue.faultOf?.(value)
    if (fault === undefined) return { type: 'answer', value }
    if (fault.isThrottled) return { type: 'throttled', reason: fault.reason, seconds: THROTTLED_S }
    throw new RestError(fault.reason)
  }

  function hint(status: number): string {
    if ((status !== 401 && status !== 403) || venue.keys === undefined) return ''
    return `; check ${keyVariablesOf(venue)}, and what the account may see`
  }

  return async (path) => {
    const answer = queue.then(() => spaced(path))
    queue = answer.catch(() => undefined)
    return await answer
  }
}

type Answer =
  | { readonly type: 'answer'; readonly value: unknown }
  | { readonly type: 'throttled'; readonly reason: string; readonly seconds: number }

function waitOf(header: string | null): number {
  const seconds = Number(header ?? Number.NaN)
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, LONGEST_WAIT_S) : THROTTLED_S
}

/** `fetch` says only that it failed; its cause says why. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  return cause instanceof Error ? cause.message || cause.name : String(cause)
}
