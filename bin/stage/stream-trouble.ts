import type { PublisherOptions } from '../../feed/publisher.ts'
import type { Screen } from '../terminal/screen.ts'

/** Failed attempts before a line is worth it: a throttled put is none. */
const REPORTED_AFTER = 3

/** Reports once when a stream accepts nothing, and when it accepts records again. */
export function reportTrouble(screen: Pick<Screen, 'print'>): NonNullable<PublisherOptions['onStatus']> {
  let isReported = false
  return (status) => {
    if (status.type === 'retrying' && status.attempt >= REPORTED_AFTER && !isReported) {
      isReported = true
      screen.print(
        `the stream ${status.stream} accepts nothing (${status.code}: ${status.message}); trying again`,
      )
    } else if (status.type === 'recovered' && isReported) {
      isReported = false
      screen.print(`the stream ${status.stream} accepts records again`)
    }
  }
}
