import type { Sandbox } from './function-sandbox.ts'

/** Workers that wait for an invocation, the one that has been idle for longest first. */
export class IdleWorkers {
  readonly #entries: { readonly sandbox: Sandbox; readonly since: number }[] = []
  readonly #onDead: (sandbox: Sandbox) => void

  /** `onDead` takes those that were found dead. */
  constructor(onDead: (sandbox: Sandbox) => void) {
    this.#onDead = onDead
  }

  push(sandbox: Sandbox): void {
    this.#entries.push({ sandbox, since: Date.now() })
  }

  /** Takes the first that is meant. */
  take(isMeant: (sandbox: Sandbox) => boolean): Sandbox | undefined {
    const index = this.#entries.findIndex(({ sandbox }) => isMeant(sandbox))
    return index < 0 ? undefined : this.#entries.splice(index, 1)[0]?.sandbox
  }

  takeAny(which: 'longest idle' | 'latest'): Sandbox | undefined {
    for (;;) {
      const entry = which === 'latest' ? this.#entries.pop() : this.#entries.shift()
      if (entry === undefined || entry.sandbox.alive()) return entry?.sandbox
      this.#onDead(entry.sandbox)
    }
  }

  isEmpty(): boolean {
    return this.#entries.length === 0
  }

  /** Those that have been idle since a time or longer. */
  since(time: number): readonly Sandbox[] {
    return this.#entries.filter(({ since }) => since <= time).map(({ sandbox }) => sandbox)
  }
}
