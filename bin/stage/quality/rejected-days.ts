import { concurrently } from '../../../functions/shared/runtime/concurrently.ts'
import { rejectedLineSchema, singleLines } from '../../../functions/shared/dead-letters/rejected-line.ts'
import type { Bucket } from '../../../functions/shared/dead-letters/bucket.ts'
import { dayKey } from './archived-days.ts'

/** Rejections by `dayKey`, then by reason; the day is that of their arrival. */
export type RejectedDays = ReadonlyMap<string, Readonly<Record<string, number>>>

const AT_ONCE = 20

/** Counts what the dead-letter bucket has of some symbols that arrived from a time on (Unix seconds). */
export async function readRejectedDays(
  bucket: Pick<Bucket, 'list' | 'read'>,
  stream: string,
  { symbols, from, to }: { readonly symbols: readonly string[]; readonly from: number; readonly to: number },
): Promise<RejectedDays> {
  const wanted = new Set(symbols)
  const prefix = `rejected/${stream}/`
  const objects = (await bucket.list()).filter(({ key, at }) => key.startsWith(prefix) && at >= from * 1000)
  const days = new Map<string, Record<string, number>>()
  await concurrently(objects, AT_ONCE, async ({ key }) => {
    for (const text of ((await bucket.read(key)) ?? '').split('\n')) {
      if (text === '') continue
      const line = rejectedLineSchema.parse(JSON.parse(text))
      const arrived = Date.parse(line.arrivedAt) / 1000
      if (!wanted.has(line.partitionKey) || arrived < from || arrived >= to) continue
      const day = dayKey(line.partitionKey, arrived)
      const reasons = days.get(day) ?? {}
      days.set(day, reasons)
      reasons[line.reason] = (reasons[line.reason] ?? 0) + singleLines(line).length
    }
  })
  return days
}
