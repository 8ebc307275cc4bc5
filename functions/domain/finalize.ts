import { MINUTE_SECONDS } from './bar-builder.ts'
import type { MinuteState } from './minute-state.ts'
import { startOf } from './packed-bar.ts'

/**
 * The state of a symbol, old or none, beside bars that it knows nothing of: their minutes are finalized, so that no bar
 * is made of them that lacks trades and begins again with revision 1. What it has of later minutes stays.
 *
 * @param start Unix seconds of the newest minute that has a bar
 */
export function finalizeThrough(state: MinuteState, start: number): MinuteState {
  const end = start + MINUTE_SECONDS
  const { open, closed, newest, keptFrom } = state
  return {
    ...state,
    open: open !== undefined && open.start < end ? undefined : open,
    closed: closed.filter((minute) => startOf(minute) >= end),
    newest: newest.seconds < end ? { seconds: end - 1, nanos: 0 } : newest,
    keptFrom: Math.max(keptFrom, end),
  }
}
