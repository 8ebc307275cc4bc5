import type { PublisherOptions } from '../../feed/publisher.ts'
import type { Screen } from './screen.ts'

/** Tries in vain before it is worth a line: a throttled put is not. */
const TOLD_AFTER = 3

/** Says once when a stream takes nothing, and when it does again. */
export function tellTrouble(screen: Pick<Screen, 'print'>): NonNullable<PublisherOptions['onStatus']> {
  let isTold = false
  return (status) => {
    if (status.type === 'retrying' && status.attempt >= TOLD_AFTER && !isTold) {
      isTold = true
      screen.print(
        `the stream ${status.stream} takes nothing (${status.code}: ${status.message}); trying again`,
      )
    } else if (status.type === 'recovered' && isTold) {
      isTold = false
      screen.print(`the stream ${status.stream} is back`)
    }
  }
}
