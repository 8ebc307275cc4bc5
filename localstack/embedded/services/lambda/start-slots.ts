/** Bounds how many workers load at a time: each keeps a core busy. */
export type StartSlots = {
  /** Whether there is a slot; if not, `onFree` is called once there may be one. */
  readonly take: (onFree: () => void) => boolean
  readonly giveBack: () => void
}

export function createStartSlots(count: number): StartSlots {
  const waiting = new Set<() => void>()
  let taken = 0
  return {
    take: (onFree) => {
      if (taken >= count) {
        waiting.add(onFree)
        return false
      }
      taken += 1
      return true
    },
    giveBack: () => {
      taken -= 1
      const [next] = waiting
      if (next === undefined) return
      waiting.delete(next)
      next()
    },
  }
}
