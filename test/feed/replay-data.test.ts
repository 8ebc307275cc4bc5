import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import type { Encoding } from '../../feed/encode-record.ts'
import type { PutRecord } from '../../feed/kinesis-port.ts'
import { jsonOf } from '../../functions/aggregator/unpack-record.ts'
import { isCompact } from '../../functions/shared/streams/compact-record.ts'
import { putFile } from '../support/put-file.ts'
import { fakeKinesis } from './fake-kinesis.ts'

const DATA = new URL('../../../shared/data/', import.meta.url)

it.each([
  ['kraken-xbtusdt-20251110', 1000],
  ['comex-gc-20131007', 40_192],
  ['comex-gc-20131008', 52_322],
])('replays %s: %i trades on the stream with every digit', async (name, trades) => {
  const file = new URL(`${name}.trades.csv.gz`, DATA)
  const put = async (encoding: Encoding) => {
    const stream = fakeKinesis()
    await putFile(file.pathname, { kinesis: stream.kinesis, stream: 'ticks', ticksPerRecord: 500, encoding })
    return stream.read()
  }
  const [json, compact] = [await put('json'), await put('compact')]
  const sent = new Map<string, string[]>()
  for (const record of json) append(sent, record.partitionKey, ticksTextOf(record))
  const expected = new Map<string, string[]>()
  for (const row of gunzipSync(readFileSync(file)).toString().trimEnd().split('\n').slice(1)) {
    const [symbol = '', ...values] = row.split(',')
    append(expected, symbol, `[${values.join()}]`)
  }
  expect(sent.size).toBe(expected.size)
  expect([...expected.values()].flat()).toHaveLength(trades)
  for (const [symbol, ticks] of expected) expect(sent.get(symbol)?.join(',') === ticks.join(',')).toBe(true)
  expect(compact.every(({ data }) => isCompact(data))).toBe(true)
  const withoutZeros = (text: string) =>
    text.replaceAll(/(\.\d*?)0+(?=[,\]])/g, '$1').replaceAll(/\.(?=[,\]])/g, '')
  expect(compact.map(({ data }) => jsonOf(data))).toEqual(
    json.map(({ data }) => withoutZeros(Buffer.from(data).toString())),
  )
})

function append(lists: Map<string, string[]>, key: string, text: string): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [text])
  else list.push(text)
}

function ticksTextOf({ data }: PutRecord): string {
  const text = Buffer.from(data).toString()
  return text.slice(text.indexOf('"ticks":[') + '"ticks":['.length, -']}'.length)
}
