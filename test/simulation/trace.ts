/** Rare paths that a set of seeds is to reach; one that none reaches is a hole of the simulation. */
export const PATHS = [
  'conflict of two writers',
  'own commit taken for a conflict',
  'stale state in a cache',
  'outbox emitted by another instance',
  'crash between commit and emit',
  'crash before a commit',
  'zombie that goes on after its time-out',
  'batch given to two instances',
  'batch delivered again after success',
  'batch split after a failure',
  'partial batch response',
  'put refused in part',
  'put on a stream whose answer is lost',
  'outage of a service',
  'instance cut off from a service',
  'shard split',
  'shards merged',
  'two versions at once',
  'bar closed by the sweeper',
  'bar closed by an aggregator by the clock',
  'bar closed by a flush',
  'late correction',
  'trade too late',
  'several bars in an outbox',
  'duplicate of another feed',
  'cancel',
  'bar withdrawn',
  'bar incomplete',
  'bar complete after it was not',
  'feed restarted',
  'rebuild while trades come',
  'rebuild changed a bar',
  'rebuild changed a signal',
  'pattern withdrawn',
] as const

export type Path = (typeof PATHS)[number]

/** What happens in a run: a digest by which two runs are compared, and the rare paths that it has reached. */
export class Trace {
  readonly reached = new Map<Path, number>()
  /** The first. */
  violation: Error | undefined
  #digest = 0x811c9dc5
  readonly #print: ((line: string) => void) | undefined
  readonly #now: () => number

  constructor(now: () => number, print?: (line: string) => void) {
    this.#now = now
    this.#print = print
  }

  get digest(): string {
    return (this.#digest >>> 0).toString(16).padStart(8, '0')
  }

  note(what: string): void {
    const line = `${new Date(this.#now()).toISOString()} ${what}`
    for (let index = 0; index < line.length; index++)
      this.#digest = Math.imul(this.#digest ^ line.charCodeAt(index), 0x01000193)
    this.#print?.(line)
  }

  /** Ends the run; the code that is under way may catch what is thrown. */
  violate(message: string): never {
    this.violation ??= new Violation(message)
    throw this.violation
  }

  /** The same of an error that nothing in the simulation expects. */
  fault(error: unknown): void {
    this.violation ??= error instanceof Error ? error : new Error(String(error))
  }

  reach(path: Path, times = 1): void {
    if (times <= 0) return
    this.reached.set(path, (this.reached.get(path) ?? 0) + times)
  }
}

/** Something that must never happen has happened. */
class Violation extends Error {
  override readonly name = 'Violation'
}
