import { otherBarColumns } from '../../bin/stage/other-bar-rows.ts'
import type { OtherBar } from '../../functions/domain/other-bars/other-bar.ts'

/** The cells of a bar as CSV has them; null is an empty one. */
export function otherBarCells(symbol: string, bar: OtherBar): readonly (string | null)[] {
  return otherBarColumns('venue').map(([, , cellOf]) => {
    const cell = cellOf({ symbol, bar })
    return cell === null ? null : String(cell)
  })
}
