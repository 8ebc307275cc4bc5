import { S3Client } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { readDeadLetter } from '../../../../functions/shared/dead-letters/dead-letter.ts'
import {
  createDeadLetters,
  deadLetterKey,
  type RejectionKind,
} from '../../../../functions/shared/dead-letters/dead-letters.ts'
import type { Rejection } from '../../../../functions/shared/dead-letters/rejection.ts'
import { expectEqual } from '../../../support/expect-equal.ts'
import { kinesisRecord } from '../../../support/kinesis-event.ts'

const record = kinesisRecord({
  data: '{"symbol":"A"}',
  partitionKey: 'A',
  sequence: 7,
  arrivedAt: Date.parse('2025-10-10T14:32:15.123Z'),
})
const whole: Rejection = {
  reason: 'wrong-shape',
  detail: 'price is missing',
  index: undefined,
  tick: undefined,
}
const second: Rejection = {
  reason: 'bad-price',
  detail: 'price "-1" is negative',
  index: 1,
  tick: '[1,-1,2]',
}

const requestSchema = z.object({ Bucket: z.literal('letters'), Key: z.string(), Body: z.string() })

/** A bucket whose requests end in a map of objects. */
function bucketOf(beforePut: () => void = () => {}) {
  const objects = new Map<string, string>()
  const s3 = new S3Client({ region: 'us-east-1' })
  s3.middlewareStack.add(
    () => async (request) => {
      beforePut()
      const { Key, Body } = requestSchema.parse(request.input)
      objects.set(Key, Body)
      return { output: { $metadata: {} }, response: undefined }
    },
    { step: 'initialize', priority: 'high' },
  )
  return { objects, put: createDeadLetters(s3, 'letters') }
}

describe('rejected records', () => {
  it('are written as a line each, under a key made of stream, shard, sequence numbers, places and kind', async () => {
    const { objects, put } = bucketOf()
    await put([{ record, rejections: [second, { ...second, index: 3 }] }], 'unreadable')
    const [[key = '', body = ''] = []] = objects
    const { sequenceNumber } = record.kinesis
    expect(key).toMatch(
      new RegExp(
        `^rejected/ticks/shardId-000000000000/${sequenceNumber}-${sequenceNumber}\\.2-[0-9a-f]{16}\\.unreadable\\.ndjson$`,
      ),
    )
    expect(body.endsWith('\n')).toBe(true)
    expect(
      body
        .trim()
        .split('\n')
        .map((line): unknown => JSON.parse(line)),
    ).toEqual(
      [1, 3].map((index) => ({
        reason: 'bad-price',
        detail: 'price "-1" is negative',
        shard: 'shardId-000000000000',
        sequence: record.kinesis.sequenceNumber,
        partitionKey: 'A',
        arrivedAt: '2025-10-10T14:32:15.123Z',
        index,
        payload: '[1,-1,2]',
      })),
    )
  })

  it('of a record with many are a line for each of the first, and one for all others of a reason', async () => {
    const { objects, put } = bucketOf()
    const sentWith = { line: 'XNAS' }
    const rejections = Array.from({ length: 130_000 }, (_, index) => ({
      ...second,
      ...(index % 1000 === 999 && { reason: 'bad-volume' as const, detail: 'volume "x" is none' }),
      index,
      tick: `[1760106735,${index},1]`,
      sentWith,
    }))
    const inner = { ...whole, tick: '{"symbol":"B"}' }
    await put([{ record, rejections: [...rejections, inner, inner] }], 'unreadable')
    const [[key = '', body = ''] = []] = objects
    expect(key).toMatch(/\.130002-[0-9a-f]{16}\.unreadable\.ndjson$/)
    const lines = body.trim().split('\n')
    expect(lines).toHaveLength(103)
    const payloads = rejections.reduce((sum, { tick }) => sum + tick.length, 0)
    expect(body.length).toBeLessThan(1.25 * payloads + 50_000)
    const said = lines.slice(-3).map((line): unknown => JSON.parse(line))
    expect(said).toMatchObject([
      {
        reason: 'bad-price',
        detail:
          '129770 more of this record were rejected for the same reason; of the first: price "-1" is negative',
        line: 'XNAS',
        indexes: expect.arrayContaining([[100, 998]]),
      },
      { reason: 'bad-volume', detail: expect.stringMatching(/^130 more .*: volume "x" is none$/) },
      { reason: 'wrong-shape', payloads: [inner.tick, inner.tick] },
    ])
    expect(said[2]).not.toHaveProperty('indexes')
    const read = readDeadLetter(key, body).records.map(({ content }) => content)
    const byIndex = new Map(read.map((content) => [content.type === 'tick' ? content.index : -1, content]))
    expect(read).toHaveLength(130_002)
    expect(byIndex.get(-1)).toEqual({ type: 'record', data: Buffer.from(inner.tick) })
    for (const { index, tick } of rejections)
      expectEqual(byIndex.get(index), { type: 'tick', tick, index, sentWith })
  })

  it('hold the whole record where all of it was refused, as base64 where it is no text', async () => {
    const { objects, put } = bucketOf()
    await put([{ record, rejections: [whole] }], 'unreadable')
    const data = Buffer.from([0xff, 0xfe]).toString('base64')
    const binary = { ...record, kinesis: { ...record.kinesis, data, sequenceNumber: '8' } }
    await put([{ record: binary, rejections: [whole] }], 'unreadable')
    const [text, bytes] = [...objects.values()].map((body): unknown => JSON.parse(body))
    expect(text).toMatchObject({ payload: '{"symbol":"A"}' })
    expect(bytes).toMatchObject({ payloadBase64: data })
  })

  it('overwrite their own object when the batch comes again, and none of another kind', async () => {
    const { objects, put } = bucketOf()
    for (const kind of ['unreadable', 'too-late', 'unreadable'] as const)
      await put([{ record, rejections: [second] }], kind)
    const kinds: RejectionKind[] = ['unreadable', 'too-late']
    expect([...objects.keys()]).toEqual(
      kinds.map((kind) => deadLetterKey([{ record, rejections: [second] }], kind)),
    )
  })

  it('of a batch are one object, whatever their number', async () => {
    const { objects, put } = bucketOf()
    const rejected = Array.from({ length: 500 }, (_, sequence) => ({
      record: kinesisRecord({ data: 'no json', partitionKey: 'A', sequence, arrivedAt: 0 }),
      rejections: [whole],
    }))
    await put(rejected, 'unreadable')
    expect([...objects.values()].map((body) => body.trim().split('\n').length)).toEqual([500])
  })

  it('are never lost to a batch that comes again with other records beside, or with a part of them', async () => {
    const records = [0, 1, 2, 3].map((sequence) =>
      kinesisRecord({ data: 'no json', partitionKey: 'A', sequence, arrivedAt: 0 }),
    )
    const of = (...places: readonly (readonly [record: number, ...indices: number[]])[]) =>
      places.flatMap(([number, ...indices]) => {
        const found = records[number]
        return found === undefined
          ? []
          : [{ record: found, rejections: indices.map((index) => ({ ...second, index })) }]
      })
    const batches = [
      of([0, 1], [2, 1, 3], [3, 0]),
      of([0, 1], [3, 0]),
      of([0, 1], [2, 1], [3, 0]),
      of([2, 1, 3]),
    ]
    const { objects, put } = bucketOf()
    for (const batch of [...batches, ...batches]) await put(batch, 'too-late')
    expect(objects.size).toBe(batches.length)
    const sizes = [...objects].map(([key, body]) => [
      body.trim().split('\n').length,
      Number(/\.(\d+)-/.exec(key)?.[1]),
    ])
    expect(sizes).toEqual([
      [4, 4],
      [2, 2],
      [3, 3],
      [2, 2],
    ])
  })

  it('of trades say what their record said of all of them, and records within a record have their own text', async () => {
    const { objects, put } = bucketOf()
    const sentWith = { line: 'XNAS', contiguous: true, tape: 'C' }
    const inner = { ...whole, tick: '{"symbol":"B"}' }
    await put([{ record, rejections: [{ ...second, sentWith }, inner] }], 'unreadable')
    const [body = ''] = objects.values()
    const [trade, within] = body
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line))
    expect(trade).toMatchObject({ index: 1, payload: '[1,-1,2]', ...sentWith })
    expect(within).toMatchObject({ payload: '{"symbol":"B"}' })
    expect(within).not.toHaveProperty('index')
  })

  it('can be read back by whoever redrives them', async () => {
    const { objects, put } = bucketOf()
    await put([{ record, rejections: [whole] }], 'unreadable')
    const [[key = '', body = ''] = []] = objects
    expect(readDeadLetter(key, body)).toMatchObject({
      stream: 'ticks',
      why: 'wrong-shape: price is missing',
      records: [{ partitionKey: 'A', content: { type: 'record', data: Buffer.from('{"symbol":"A"}') } }],
    })
  })

  it('fail the batch when one of them cannot be written', async () => {
    const { put } = bucketOf(() => {
      throw new Error('no bucket')
    })
    await expect(put([{ record, rejections: [whole] }], 'unreadable')).rejects.toThrow('no bucket')
  })

  it('need no request when there are none', async () => {
    const { objects, put } = bucketOf()
    await put([], 'unreadable')
    expect(objects.size).toBe(0)
  })
})
