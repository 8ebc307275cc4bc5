import type { ArchiveBucket } from '../../../functions/archive/archive-bucket.ts'
import { archiveKey, hourOf } from '../../../functions/archive/archive-key.ts'
import type { ArchivedTrade } from '../../../functions/archive/archived-trade.ts'
import { encodeArchive } from '../../../functions/archive/encode-archive.ts'
import { compact, type CompactOptions } from '../../../functions/compactor/compact.ts'
import { archivedTrade, archivedTrades, spelled } from '../../support/archived.ts'

export const NOW = Date.parse('2025-10-12T00:00:00Z')

/** A bucket in memory; a call may die before or after its work. */
export class MemoryBucket implements ArchiveBucket {
  readonly objects = new Map<string, { readonly bytes: Uint8Array; readonly modifiedAt: number }>()
  meet: (when: 'before' | 'after') => void = () => {}

  add(name: string, trades: readonly ArchivedTrade[], modifiedAt = 0): void {
    const hour = hourOf(trades[0]?.seconds ?? 0)
    const key = archiveKey(hour, { shard: 'shardId-000000000000', first: name, last: name })
    this.objects.set(key, { bytes: encodeArchive(trades), modifiedAt })
  }

  async *list(prefix = '') {
    for (const [key, { bytes, modifiedAt }] of [...this.objects].toSorted(([one], [other]) =>
      one < other ? -1 : 1,
    ))
      if (key.startsWith(prefix)) yield { key, bytes: bytes.length, modifiedAt }
  }

  async read(key: string) {
    return await this.#call(() => {
      const object = this.objects.get(key)
      if (object === undefined) throw new Error(`there is no ${key}`)
      return object.bytes
    })
  }

  async put(key: string, bytes: Uint8Array) {
    await this.#call(() => this.objects.set(key, { bytes, modifiedAt: 0 }))
  }

  async delete(keys: readonly string[]) {
    for (const key of keys) await this.#call(() => this.objects.delete(key))
  }

  async compact(options: Partial<CompactOptions> = {}) {
    return await compact(this, { now: () => NOW, hasTime: () => true, ...options })
  }

  /** All rows, each once by its identity. */
  async rows() {
    const all = await Promise.all([...this.objects.values()].map(({ bytes }) => archivedTrades(bytes)))
    return new Map(
      all
        .flat()
        .map((row) => [`${row.shard} ${row.sequenceNumber} ${row.place}`, spelled(row)] as const)
        .toSorted(([one], [other]) => (one < other ? -1 : 1)),
    )
  }

  async #call<Result>(work: () => Result): Promise<Result> {
    this.meet('before')
    const result = work()
    this.meet('after')
    return result
  }
}

let numbered = 0
export const rowAt = (seconds: number): ArchivedTrade =>
  archivedTrade({ seconds: 1_760_106_720 + seconds, sequenceNumber: `496${numbered++}` })
