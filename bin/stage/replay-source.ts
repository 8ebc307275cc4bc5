import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'

import { createPublisher, type Publisher, type PublisherOptions } from '../../feed/publisher.ts'
import { type KinesisPort } from '../../feed/kinesis-port.ts'
import { readTrades, ticksOf, type TradeRow } from '../../feed/replay.ts'
import { runFeed } from '../../feed/run-feed.ts'

export type ReplayedFile = { readonly ticks: number; readonly badRows: number }
export type BadRow = Extract<TradeRow, { type: 'bad-row' }>

/**
 * Puts a file of trades on the stream, at full speed. The producer's name comes from the file's content and its sequence
 * numbers start at 1, so that the same file put again, after a crash or by mistake, is recognised and changes nothing.
 *
 * @param onProgress share of the file that was read, from 0 to 1
 */
export async function replayFile(
  file: string,
  options: {
    readonly kinesis: KinesisPort
    readonly stream: string
    readonly ticksPerRecord: number
    readonly signal?: AbortSignal
    readonly onBadRow: (row: BadRow) => void
    readonly onProgress: (share: number, publisher: Publisher) => void
    readonly onStatus?: PublisherOptions['onStatus']
  },
): Promise<ReplayedFile> {
  const { kinesis, stream, ticksPerRecord, onBadRow, onProgress, onStatus } = options
  let badRows = 0
  const rows = readTrades(file, {
    onProgress: ({ bytesRead, totalBytes }) =>
      onProgress(totalBytes === 0 ? 1 : bytesRead / totalBytes, publisher),
  })
  const ticks = ticksOf(rows, (row) => {
    badRows++
    onBadRow(row)
  })
  const publisher = createPublisher({
    kinesis,
    stream,
    source: `replay-${ticksPerRecord}-${await fingerprint(file)}`,
    startSequence: 1,
    maxAgeMs: Infinity,
    maxTicksPerRecord: ticksPerRecord,
    ...(onStatus && { onStatus }),
  })
  const { signal } = options
  const result = await runFeed({ source: ticks, publisher, pace: 'full-speed', ...(signal && { signal }) })
  await publisher.close()
  return { ticks: result.ticks, badRows }
}

async function fingerprint(file: string): Promise<string> {
  const hash = createHash('sha256')
  try {
    await pipeline(createReadStream(file), hash)
  } catch {
    // The reader that comes next reports what is wrong with the file.
    return 'unreadable'
  }
  return hash.digest('hex').slice(0, 16)
}
