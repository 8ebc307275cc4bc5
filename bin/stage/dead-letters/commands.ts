import { printLine, printText, warnLine } from '../../terminal/print.ts'
import { table } from '../../terminal/table.ts'
import type { DeployedStage } from '../find-deployment.ts'
import { readDeadLetters } from '../../../functions/shared/dead-letters/bucket.ts'
import { contentOf, type DeadLetter } from '../../../functions/shared/dead-letters/dead-letter.ts'
import { openDeadLetters } from './open-dead-letters.ts'
import { type Doubtful, redrive } from '../../../functions/shared/dead-letters/redrive.ts'

/** Lists the dead-letter bucket of a stage, one object per line. */
export async function listDeadLetters(deployed: DeployedStage): Promise<number> {
  const { letters, unreadable } = await readDeadLetters((await openDeadLetters(deployed)).bucket)
  if (letters.length === 0) printLine('no dead letters')
  else
    printText(
      table(
        ['arrived', 'stream', 'records', 'keys', 'why', 'object'],
        letters.map((letter) => [
          letter.records[0]?.arrivedAt ?? '',
          letter.stream,
          String(letter.records.length),
          keysOf(letter),
          letter.why.split(':')[0] ?? '',
          letter.key,
        ]),
      ),
    )
  warn(unreadable)
  return 0
}

/** Shows objects of the dead-letter bucket with their records and the whole reason. */
export async function showDeadLetters(deployed: DeployedStage, keys: readonly string[]): Promise<number> {
  const { letters, unreadable } = await readDeadLetters((await openDeadLetters(deployed)).bucket, keys)
  for (const letter of letters) {
    printLine(letter.key)
    printLine(letter.why)
    for (const record of letter.records)
      printLine(`  ${record.arrivedAt}  ${record.partitionKey}  ${contentOf(record)}`)
  }
  warn(unreadable)
  return unreadable.size === 0 ? 0 : 1
}

/** Puts objects of the dead-letter bucket, or all of them, back on their streams. */
export async function redriveDeadLetters(
  deployed: DeployedStage,
  keys: readonly string[],
  doubtful: Doubtful,
): Promise<number> {
  const parts = await openDeadLetters(deployed)
  const { letters, unreadable } = await readDeadLetters(parts.bucket, keys)
  const { put, left } = await redrive(parts, letters, doubtful)
  for (const [stream, records] of put) printLine(`${stream}: ${records} records put back`)
  if (put.size === 0) printLine('nothing put back')
  for (const { key, records } of left)
    printLine(
      `${key}: ${records.length} records not redriven, since some may have been applied before their batch failed; redrive them with --assume-unapplied if the bars lack them`,
    )
  warn(unreadable)
  return left.length + unreadable.size === 0 ? 0 : 1
}

const MAX_KEYS = 3

function keysOf({ records }: DeadLetter): string {
  const keys = [...new Set(records.map(({ partitionKey }) => partitionKey))]
  return keys.length > MAX_KEYS
    ? `${keys.slice(0, MAX_KEYS).join(',')} and ${keys.length - MAX_KEYS} more`
    : keys.join(',')
}

function warn(unreadable: ReadonlyMap<string, string>): void {
  for (const [key, reason] of unreadable) warnLine(`${key}: ${reason}`)
}
