/** The wall clock of the functions of a host, ahead of the machine's or behind it. */
export type FunctionClock = {
  /** Shared with the workers. */
  readonly aheadMs: SharedArrayBuffer
  /** Puts the clock ahead of the machine's, or behind it by a negative number, at once. */
  readonly set: (milliseconds: number) => void
}

/** @throws RangeError from `set` where the clock would be off by more than three weeks */
export function createFunctionClock(): FunctionClock {
  const ahead = new Int32Array(new SharedArrayBuffer(4))
  return {
    aheadMs: ahead.buffer,
    set: (milliseconds) => {
      if (Math.abs(milliseconds) >= 2 ** 31)
        throw new RangeError(`${milliseconds} ms is more than a clock may be off`)
      Atomics.store(ahead, 0, milliseconds)
    },
  }
}

/** Makes `Date` of this thread tell that clock. Timers and `performance.now()` go on, as they do when a machine's clock is set. */
export function followClock(aheadMs: SharedArrayBuffer): void {
  const ahead = new Int32Array(aheadMs)
  const machine = Date.now
  const now = (): number => machine() + Atomics.load(ahead, 0)
  Date.now = now
  globalThis.Date = new Proxy(Date, {
    construct: (target, given, newTarget) =>
      Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget),
    apply: (target) => new target(now()).toString(),
  })
}
