import type { ReadOptions } from '../../feed/files/read-trades.ts'
import type { AllowsNonPositive } from '../../functions/aggregator/decode.ts'
import type { Screen } from '../terminal/screen.ts'
import { tradeChecker } from './check-trade.ts'
import { describeTable } from './describe-table.ts'
import { type GatheredTrades, type GatherOptions, gatherTrades } from './gather-trades.ts'
import type { Rejects } from './rejects.ts'

export type GatherOnScreenOptions = Pick<GatherOptions, 'folder' | 'onTrade' | 'signal'> & {
  readonly read: Omit<ReadOptions, 'onProgress'>
  readonly screen: Screen
  readonly rejects: Rejects
  readonly allowsNonPositive: AllowsNonPositive
  /** The status while so much of a file is read. */
  readonly statusOf: (file: string, share: number) => string
}

/** Reads files of trades, rejects what the aggregator would, and shows how each is read. */
export async function gatherOnScreen(
  files: readonly string[],
  { screen, rejects, allowsNonPositive, statusOf, ...options }: GatherOnScreenOptions,
): Promise<GatheredTrades> {
  return await gatherTrades(files, {
    ...options,
    check: tradeChecker({ now: Date.now, allowsNonPositive }),
    onTable: (table) => screen.print(describeTable(table)),
    onRejected: (row) => rejects.add(row),
    room: () => rejects.room(),
    onSame: (same, other) => screen.print(`${same} has the content of ${other}, and is not read again`),
    onProgress: (file, share) => screen.status(statusOf(file, share)),
  })
}

/** `reading FILE: 12 %`. */
export function readingStatus(file: string, share: number): string {
  return `reading ${file}: ${Math.round(share * 100)} %`
}
