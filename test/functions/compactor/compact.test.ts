import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { ArchiveBucket } from '../../../functions/archive/archive-bucket.ts'
import { archiveKey, hourOf, importedKey, importedPrefix } from '../../../functions/archive/archive-key.ts'
import type { ArchivedTrade } from '../../../functions/archive/archived-trade.ts'
import { encodeArchive } from '../../../functions/archive/encode-archive.ts'
import { compact, type CompactOptions } from '../../../functions/compactor/compact.ts'
import { archivedTrade, archivedTrades, spelled } from '../../support/archived.ts'

const NOW = Date.parse('2025-10-12T00:00:00Z')

/** A bucket in memory; a call may die before or after its work. */
class MemoryBucket implements ArchiveBucket {
  readonly objects = new Map<string, { readonly bytes: Uint8Array; readonly modifiedAt: number }>()
  meet: (when: 'before' | 'after') => void = () => {}

  add(name: string, trades: readonly ArchivedTrade[], modifiedAt = 0): void {
    const hour = hourOf(trades[0]?.seconds ?? 0)
    const key = archiveKey(hour, { shard: 'shardId-000000000000', first: name, last: name })
    this.objects.set(key, { bytes: encodeArchive(trades), modifiedAt })
  }

  async *list() {
    for (const [key, { bytes, modifiedAt }] of [...this.objects].toSorted(([one], [other]) =>
      one < other ? -1 : 1,
    ))
      yield { key, bytes: bytes.length, modifiedAt }
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
const rowAt = (seconds: number): ArchivedTrade =>
  archivedTrade({ seconds: 1_760_106_720 + seconds, sequenceNumber: `496${numbered++}` })

describe('the compactor', () => {
  it('merges imported trades among themselves, where the next import looks for them', async () => {
    const bucket = new MemoryBucket()
    bucket.add('1', [rowAt(1)])
    bucket.add('2', [rowAt(2)])
    const hour = hourOf(1_760_106_720)
    for (const digest of ['a', 'b'])
      bucket.objects.set(importedKey(hour, digest), { bytes: encodeArchive([rowAt(3)]), modifiedAt: 0 })
    const before = await bucket.rows()
    expect(await bucket.compact()).toEqual({ merged: 4, into: 2 })
    const keys = [...bucket.objects.keys()]
    expect(keys).toHaveLength(2)
    expect(keys.filter((key) => key.startsWith(importedPrefix(hour)))).toHaveLength(1)
    expect(await bucket.rows()).toEqual(before)
  })

  it('merges the objects of an hour into one that has each row once, and deletes them', async () => {
    const bucket = new MemoryBucket()
    const shared = rowAt(2)
    bucket.add('1', [rowAt(5), shared])
    bucket.add('2', [shared, rowAt(1)])
    bucket.add('3', [rowAt(3600)])
    const before = await bucket.rows()
    expect(await bucket.compact()).toEqual({ merged: 2, into: 1 })
    expect([...bucket.objects.keys()].map((key) => key.replace(/[0-9a-f]{32}/, 'HASH'))).toEqual([
      'ticks/date=2025-10-10/hour=15/shardId-000000000000-3-3.parquet',
      'ticks/date=2025-10-10/hour=14/compacted-HASH.parquet',
    ])
    const [, merged] = [...bucket.objects.values()]
    const rows = await archivedTrades(merged?.bytes ?? new Uint8Array())
    expect(rows.map(({ seconds }) => seconds - 1_760_106_720)).toEqual([1, 2, 5])
    expect(await bucket.rows()).toEqual(before)
    expect(await bucket.compact()).toEqual({ merged: 0, into: 0 })
  })

  it('leaves objects that a batch may still overwrite, and large ones', async () => {
    const bucket = new MemoryBucket()
    bucket.add('1', [rowAt(1)])
    bucket.add('2', [rowAt(2)], NOW - 3_500_000)
    expect(await bucket.compact()).toEqual({ merged: 0, into: 0 })
    bucket.add('3', [rowAt(3)])
    const [{ bytes } = { bytes: new Uint8Array() }] = bucket.objects.values()
    expect(await bucket.compact({ maxBytes: bytes.length })).toEqual({ merged: 0, into: 0 })
    bucket.add('4', [rowAt(4)])
    bucket.add('5', [rowAt(5)])
    // Two of them are as much as one may be.
    expect(await bucket.compact({ maxBytes: bytes.length * 2.5 })).toEqual({ merged: 4, into: 2 })
  })

  it('ends when its time is over, and goes on the next time', async () => {
    const bucket = new MemoryBucket()
    for (const hour of [0, 3600, 7200])
      for (const second of [0, 1]) bucket.add(`${hour}${second}`, [rowAt(hour + second)])
    let merges = 0
    expect(await bucket.compact({ hasTime: () => merges++ < 1 })).toEqual({ merged: 2, into: 1 })
    expect(await bucket.compact()).toEqual({ merged: 4, into: 2 })
  })

  it('names an object that cannot be read, keeps it and its neighbours, and merges the other hours', async () => {
    const bucket = new MemoryBucket()
    for (const second of [0, 1, 3600, 3601]) bucket.add(String(second), [rowAt(second)])
    const [key = ''] = bucket.objects.keys()
    bucket.objects.set(key, { bytes: Buffer.from('no Parquet'), modifiedAt: 0 })
    await expect(bucket.compact()).rejects.toThrow(
      `1 merges failed, 1 did not; the first: ${key}: no Parquet object`,
    )
    expect([...bucket.objects.keys()].filter((each) => each.includes('hour=14'))).toHaveLength(2)
    expect([...bucket.objects.keys()].filter((each) => each.includes('hour=15'))).toHaveLength(1)
  })

  it('loses and doubles nothing, wherever it dies', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.nat(7199), { minLength: 1, maxLength: 3 }), { minLength: 2, maxLength: 6 }),
        fc.array(fc.nat(12), { maxLength: 4 }),
        async (given, deaths) => {
          const bucket = new MemoryBucket()
          for (const [place, seconds] of given.entries())
            for (const ofHour of Map.groupBy(seconds.map(rowAt), ({ seconds: second }) =>
              hourOf(second),
            ).values())
              bucket.add(String(place), ofHour)
          const before = await bucket.rows()
          for (const death of deaths) {
            let calls = 0
            let isDead = false
            bucket.meet = () => {
              isDead ||= calls++ === death
              if (isDead) throw new Error('killed')
            }
            await bucket.compact().catch(() => undefined)
            bucket.meet = () => {}
            expect(await bucket.rows()).toEqual(before)
          }
          await bucket.compact()
          expect(await bucket.rows()).toEqual(before)
          const hours = new Set([...bucket.objects.keys()].map((key) => key.slice(0, key.lastIndexOf('/'))))
          expect(bucket.objects.size).toBe(hours.size)
          const rows = await Promise.all(
            [...bucket.objects.values()].map(({ bytes }) => archivedTrades(bytes)),
          )
          expect(rows.flat()).toHaveLength(before.size)
        },
      ),
      { numRuns: 25 },
    )
  })
})
