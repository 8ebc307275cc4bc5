import type { Clock } from '../clock.ts'
import { reasonOf } from '../errors.ts'

const LONGEST_WAIT_MS = 60_000

export type FetchPagesOptions<Trade> = {
  /** Asks the venue anew. */
  readonly pages: () => AsyncGenerator<readonly Trade[]>
  readonly take: (trade: Trade) => void
  /** Takes the reason of the first request that failed. */
  readonly onFirstFailure: (reason: string) => void
  /** A request has failed, and the wait after it is over. */
  readonly onWaited: () => void
  /** Milliseconds after a request that failed; doubled after each further one, up to a minute. */
  readonly afterFailureMs: number
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** Asks until there is an answer to the end, or the signal aborts. */
export async function fetchPages<Trade>(options: FetchPagesOptions<Trade>): Promise<void> {
  const { pages, take, onFirstFailure, onWaited, afterFailureMs, clock, signal } = options
  for (let failures = 0; !signal.aborted; failures++) {
    try {
      for await (const page of pages()) {
        for (const trade of page) take(trade)
        if (signal.aborted) return
      }
      return
    } catch (error) {
      if (failures === 0) onFirstFailure(reasonOf(error))
      await clock.sleep(Math.min(afterFailureMs * 2 ** failures, LONGEST_WAIT_MS), signal)
      onWaited()
    }
  }
}
