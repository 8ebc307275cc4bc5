/** Work that is done a little later, once for all who ask in the meantime. */
export class Later {
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>()

  run(name: string, ms: number, work: () => void | Promise<void>): void {
    if (this.#timers.has(name)) return
    const timer = setTimeout(() => {
      this.#timers.delete(name)
      void work()
    }, ms)
    this.#timers.set(name, timer)
  }

  clear(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
  }
}
