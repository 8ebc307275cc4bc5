import { describe, expect, it } from 'vitest'

import { hourOf, importedKey, importedPrefix } from '../../../functions/archive/archive-key.ts'
import { encodeArchive } from '../../../functions/archive/encode-archive.ts'
import { archivedTrades } from '../../support/archived.ts'
import { NOW, MemoryBucket, rowAt } from './memory-bucket.ts'

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
})
