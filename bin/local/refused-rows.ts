import { encodeTick, partitionKeyOf } from '../../feed/encode.ts'
import { readTrades, type TradeRow } from '../../feed/replay.ts'
import { parseTicks } from '../../functions/aggregator/parse-ticks.ts'

/**
 * The rows of a file that the aggregator refuses for what they say, with the reason that it gives. Those that only came
 * too late are not among them: a row alone does not tell.
 *
 * @param arrivedAt Unix milliseconds at which the rows were put on the stream
 * @throws TradeFileError when the file can no longer be read
 */
export async function* refusedRows(
  file: string,
  arrivedAt: number,
): AsyncGenerator<Extract<TradeRow, { type: 'bad-row' }>, void, undefined> {
  for await (const row of readTrades(file)) {
    if (row.type === 'bad-row') continue
    const { line, symbol, timestamp, price, volume } = row
    const record = `{"symbol":${JSON.stringify(symbol)},"ticks":[${encodeTick(row)}]}`
    const { rejections } = parseTicks(record, { partitionKey: partitionKeyOf(symbol), arrivedAt })
    const text = [symbol, timestamp, price, volume].join(',')
    for (const { detail } of rejections) yield { type: 'bad-row', line, reason: detail, text }
  }
}
