import { formatDecimal } from './decimal.ts'
import { type AppliedChange, MAX_CHANGES } from './minute-state.ts'
import { tradeAt, type Trades } from './trade.ts'

/** The cancels and corrections that a symbol has had: a draft that lives for one event. */
export class ChangesDraft {
  #changes: readonly AppliedChange[]

  constructor(changes: readonly AppliedChange[]) {
    this.#changes = changes
  }

  /** Whether a change is applied already, or the trade is cancelled. */
  isApplied({ line, id, change }: Omit<AppliedChange, 'seconds'>): boolean {
    return this.#changes.some(
      (each) => each.line === line && each.id === id && (each.change === change || each.change === 'cancel'),
    )
  }

  /** @param keptFrom Unix seconds; what lies before is forgotten */
  isFull(keptFrom: number): boolean {
    return this.#since(keptFrom).length >= MAX_CHANGES
  }

  note(change: AppliedChange, keptFrom: number): void {
    this.#changes = [...this.#since(keptFrom), change]
  }

  end(keptFrom: number): readonly AppliedChange[] {
    return this.#since(keptFrom)
  }

  #since(keptFrom: number): readonly AppliedChange[] {
    const isKept = ({ seconds }: AppliedChange): boolean => seconds >= keptFrom
    return this.#changes.every(isKept) ? this.#changes : this.#changes.filter(isKept)
  }
}

/** What an applied change says: `cancel`, or the price and volume of the correction. */
export function changeText(replacement: Trades | undefined): string {
  if (replacement === undefined) return 'cancel'
  const { price, volume } = tradeAt(replacement, 0)
  return `${formatDecimal(price.units, price.scale)}x${formatDecimal(volume.units, volume.scale)}`
}
