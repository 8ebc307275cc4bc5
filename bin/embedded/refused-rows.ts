import { encodeTick, partitionKeyOf } from '../../feed/encode.ts'
import { readTrades } from '../../feed/replay.ts'
import type { AllowsNonPositive } from '../../functions/aggregator/decode.ts'
import { parseTrades } from '../../functions/aggregator/parse-trades.ts'

/**
 * The rows of a file that the aggregator refuses for their content, with its reason. Rows that only came too late are not
 * among them: that depends on the rows before.
 *
 * @param options.arrivedAt Unix milliseconds at which the rows were put on the stream
 * @throws TradeFileError when the file can no longer be read
 */
export async function* refusedRows(
  file: string,
  {
    arrivedAt,
    allowsNonPositive,
  }: { readonly arrivedAt: number; readonly allowsNonPositive: AllowsNonPositive },
): AsyncGenerator<{ readonly line: number; readonly reason: string }, void, undefined> {
  for await (const row of readTrades(file)) {
    if (row.type === 'bad-row') continue
    const { line, symbol } = row
    const record = `{"symbol":${JSON.stringify(symbol)},"ticks":[${encodeTick(row)}]}`
    const { rejections } = parseTrades(record, {
      partitionKey: partitionKeyOf(symbol),
      arrivedAt,
      allowsNonPositive: allowsNonPositive(symbol),
    })
    for (const { detail } of rejections) yield { line, reason: detail }
  }
}
