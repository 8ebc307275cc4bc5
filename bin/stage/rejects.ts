import { createWriteStream } from 'node:fs'
import { once } from 'node:events'
import { finished } from 'node:stream/promises'

import { messageOf } from 'embedded-aws/errors'

import { csvLine } from '../../functions/api/formats/csv.ts'
import { count, type Screen } from '../terminal/screen.ts'
import type { RejectedRow } from './gather-trades.ts'
import { replaceFile } from './output-file.ts'
import type { TradeCounts } from './trade-counts.ts'

/** A row of a file, by which it is found again. */
type FileRow = Pick<RejectedRow, 'label' | 'place' | 'text'>

/** Says of a row why it is rejected: it is counted, and taken. */
export function rejecterOf(
  { counts, rejects }: { readonly counts: TradeCounts; readonly rejects: Rejects },
  { label, place, text }: FileRow,
): (reason: RejectedRow['reason'], detail: string) => void {
  return (reason, detail) => {
    counts.reject(reason)
    rejects.add({ label, place, text, reason, detail })
  }
}

/** Rejected rows that the screen shows; a file takes them all. */
const SHOWN = 10
const COLUMNS = ['file', 'line', 'reason', 'detail', 'row']

/** Takes rejected rows. */
export type Rejects = {
  add(row: RejectedRow): void
  /** Resolves when there is room for more. */
  room(): Promise<void>
}

/**
 * Gives `work` a taker of rejected rows: the first are printed, and all go to a file where one is named, whatever becomes of
 * the work after them.
 */
export async function withRejects<Result>(
  { screen, file }: { readonly screen: Pick<Screen, 'print'>; readonly file: string | undefined },
  work: (rejects: Rejects) => Promise<Result>,
): Promise<Result> {
  const show = shower(screen)
  if (file === undefined) return await work({ add: show, room: async () => {} })
  return await replaceFile(file, async (path) => {
    const output = createWriteStream(path)
    const done = finished(output)
    // It may fail while the work goes on.
    done.catch(() => {})
    output.write(`${csvLine(COLUMNS, 'quoted')}\n`)
    try {
      const result = await work({
        add: (row) => {
          show(row)
          output.write(
            `${csvLine([row.label, String(row.place), row.reason, row.detail, row.text], 'quoted')}\n`,
          )
        },
        room: async () => {
          if (output.errored !== null) throw output.errored
          if (output.writableNeedDrain) await once(output, 'drain')
        },
      })
      output.end()
      await done
      return result
    } catch (error) {
      throw output.errored === null
        ? error
        : new Error(`${file} is not written: ${messageOf(output.errored)}`, { cause: error })
    } finally {
      output.destroy()
    }
  })
}

function shower(screen: Pick<Screen, 'print'>): (row: RejectedRow) => void {
  let shown = 0
  return ({ label, place, reason, detail, text }) => {
    if (shown++ >= SHOWN) return
    const line = reason === 'bad-row' ? `${detail}: ${text.slice(0, 120)}` : `rejected: ${detail}`
    screen.print(`${label}:${place}: ${line}`)
  }
}

/** What is rejected and left out, in words; undefined where nothing is. */
export function rejectsText(counts: TradeCounts): string | undefined {
  const { rejectedRows } = counts
  if (rejectedRows <= SHOWN) return undefined
  return `... and ${count(rejectedRows - SHOWN)} more rejected rows (--rejects FILE writes them all)`
}
