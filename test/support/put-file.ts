import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { gatherTrades } from '../../bin/stage/gather-trades.ts'
import { putTrades, type PutOptions } from '../../bin/stage/put-trades.ts'

/** Puts the trades of a file on a stream as they are, so that whoever reads it judges them. */
export async function putFile(file: string, options: PutOptions): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tickstock-put-'))
  try {
    await putTrades(
      await gatherTrades([file], { folder, read: { sides: true }, check: () => undefined }),
      options,
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
