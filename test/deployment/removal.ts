import { expect, it } from 'vitest'

import type { Row } from '../system/support/replay-into.ts'
import { leftBehind } from './inventory.ts'
import type { System } from './system.ts'

/** What is there at the end, and what is not any more. */
export function describeRemoval(system: () => System, recorded: () => readonly Row[]): void {
  it('still has the bars of the recording, whatever was delivered again since', async () => {
    expect(recorded()).not.toEqual([])
    expect(await system().deployed.bars('XBTUSDT')).toEqual(recorded())
  })

  it('leaves nothing behind when it is destroyed', async () => {
    await system().destroy()
    expect(await leftBehind(system().endpoint)).toEqual([])
  })
}
