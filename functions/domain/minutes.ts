import { type BarBuilder, copyBar, hasPrices, MINUTE_SECONDS, startBar } from './bar-builder.ts'
import type { Outcome } from './event.ts'
import type { MinuteState, PendingBar } from './minute-state.ts'
import { isPackedBar, type KeptBar, packBar, startOf, unpackBar } from './packed-bar.ts'

/** Unix milliseconds of the end of a minute. */
export function endOf({ start }: BarBuilder): number {
  return (start + MINUTE_SECONDS) * 1000
}

/** Whether the trades of a minute are all there, as `complete` of a bar says it. */
export type TellCompleteness = (minute: BarBuilder) => boolean | null

/** The minutes of a symbol and the bars that they come to: a draft that lives for one event. */
export class MinutesDraft {
  readonly #outcome: Outcome
  readonly #completenessOf: TellCompleteness
  #open: BarBuilder | undefined
  readonly #kept: readonly KeptBar[]
  /** The same once something needs their builders. */
  #unpacked: BarBuilder[] | undefined
  /** Closed minutes that were changed since the last close, with the arrival of the last change. */
  readonly #corrected = new Map<BarBuilder, number>()
  readonly #outbox: PendingBar[]

  constructor(state: MinuteState, outcome: Outcome, completenessOf: TellCompleteness) {
    this.#outcome = outcome
    this.#completenessOf = completenessOf
    this.#open = state.open && copyBar(state.open)
    this.#kept = state.closed
    this.#outbox = [...state.outbox]
  }

  /** The minute that takes trades now. */
  get open(): BarBuilder | undefined {
    return this.#open
  }

  get #closed(): BarBuilder[] {
    this.#unpacked ??= this.#kept.map(unpackBar)
    return this.#unpacked
  }

  /** Whether the bar of a minute (start, Unix seconds) holds a trade. */
  hasTradesIn(start: number): boolean {
    if (this.#open?.start === start) return this.#open.count > 0
    return this.#closed.some((minute) => minute.start === start && minute.count > 0)
  }

  get outbox(): readonly PendingBar[] {
    return this.#outbox
  }

  /** Opens a minute that is later than all before. */
  openLater(start: number, arrivedAt: number): void {
    this.close(arrivedAt)
    this.#open = startBar(start)
  }

  /**
   * The bar of a minute that had closed, or had no trade while it was open, to be changed; it is emitted again. The newest
   * minute, which the clock or a flush closed, is open again.
   */
  reopen(
    start: number,
    { arrivedAt, isNewest }: { readonly arrivedAt: number; readonly isNewest: boolean },
  ): BarBuilder {
    const index = this.#closed.findIndex((minute) => minute.start >= start)
    const found = index < 0 ? undefined : this.#closed[index]
    if (found?.start === start && isNewest && this.#open === undefined) {
      this.#closed.splice(index, 1)
      const open = this.#changeable(found)
      this.#corrected.delete(open)
      this.#open = open
      return open
    }
    const minute = found?.start === start ? this.#changeable(found) : startBar(start)
    if (found?.start === start) this.#closed[index] = minute
    else this.#closed.splice(index < 0 ? this.#closed.length : index, 0, minute)
    this.#corrected.set(minute, arrivedAt)
    return minute
  }

  /** A closed minute that nobody else holds. */
  #changeable(minute: BarBuilder): BarBuilder {
    return this.#corrected.has(minute) ? minute : copyBar(minute)
  }

  /** Marks minutes as never to be known to be whole. */
  damage(isConcerned: (minute: BarBuilder) => boolean, arrivedAt: number): void {
    if (this.#open !== undefined && isConcerned(this.#open)) this.#open.damaged = true
    for (const [index, minute] of this.#closed.entries()) {
      if (minute.damaged || !isConcerned(minute)) continue
      const changed = copyBar(minute)
      changed.damaged = true
      this.#closed[index] = changed
      this.#corrected.set(changed, this.#corrected.get(minute) ?? arrivedAt)
      this.#corrected.delete(minute)
    }
  }

  /** Emits closed minutes again whose trades are all there now, or of which some turn out to be missing. */
  tellChangedCompleteness(arrivedAt: number): void {
    for (const [index, minute] of this.#closed.entries()) {
      const { said } = minute
      if (said === undefined || said === this.#completenessOf(minute) || this.#corrected.has(minute)) continue
      const changed = copyBar(minute)
      this.#closed[index] = changed
      this.#corrected.set(changed, arrivedAt)
    }
  }

  close(closedAt: number): void {
    if (this.#open === undefined) return
    // A correction leaves before the minute after it: readers of `bars` stop waiting for it by the newest they have seen.
    this.emitCorrected()
    const minute = this.#open
    this.#open = undefined
    this.#closed.push(minute)
    this.#emit(minute, closedAt)
  }

  emitCorrected(): void {
    if (this.#corrected.size === 0) return
    const inOrder = [...this.#corrected].toSorted(([one], [other]) => one.start - other.start)
    for (const [minute, closedAt] of inOrder) this.#emit(minute, closedAt)
    this.#corrected.clear()
  }

  #emit(minute: BarBuilder, closedAt: number): void {
    if (!hasPrices(minute)) return
    if (minute.emptied) {
      this.#withdraw(minute, closedAt)
      return
    }
    const complete = this.#completenessOf(minute)
    this.#outcome[minute.revision === 0 ? 'completed' : 'revised']++
    if (complete === false) this.#outcome.incomplete++
    minute.revision++
    minute.said = complete
    this.#outbox.push({ builder: minute, closedAt })
  }

  /** Emits a minute that has lost all of its trades, once, and only where a bar of it was emitted. */
  #withdraw(minute: BarBuilder, closedAt: number): void {
    if (minute.said === undefined) return
    this.#outcome.revised++
    minute.revision++
    minute.said = undefined
    this.#outbox.push({ builder: minute, closedAt })
  }

  /** @param oldest Unix seconds; a minute that starts there or earlier is finalized */
  end(keptFrom: number, oldest: number): Pick<MinuteState, 'open' | 'closed' | 'keptFrom' | 'outbox'> {
    const all = this.#unpacked ?? this.#kept
    const kept = all.slice(all.findLastIndex((minute) => startOf(minute) <= oldest) + 1)
    const dropped = all[all.length - kept.length - 1]
    return {
      open: this.#open,
      closed: kept.map((minute) => (isPackedBar(minute) ? minute : packBar(minute))),
      keptFrom: dropped === undefined ? keptFrom : startOf(dropped) + MINUTE_SECONDS,
      outbox: this.#outbox.length === 0 ? NO_BARS : [...this.#outbox],
    }
  }
}

const NO_BARS: readonly PendingBar[] = []
