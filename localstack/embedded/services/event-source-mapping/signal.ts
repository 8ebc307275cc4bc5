/** Wakes whoever waits on it. */
export type Signal = {
  wake(): void
  /** Resolves on the next `wake`, or after the time. */
  wait(milliseconds: number): Promise<'woken' | 'timed-out'>
}

export function createSignal(): Signal {
  const waiting = new Set<() => void>()
  return {
    wake() {
      const woken = [...waiting]
      waiting.clear()
      for (const resume of woken) resume()
    },
    wait: (milliseconds) =>
      new Promise((resolve) => {
        const resume = () => {
          clearTimeout(timer)
          resolve('woken')
        }
        const timer = setTimeout(() => {
          waiting.delete(resume)
          resolve('timed-out')
        }, milliseconds)
        waiting.add(resume)
      }),
  }
}
