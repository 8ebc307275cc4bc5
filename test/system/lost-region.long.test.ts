import { cpSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, expect, it } from 'vitest'

import type { Deployment } from '../../bin/embedded/deployment.ts'
import { copyArchive, putArchive } from './support/archive-copy.ts'
import { preparedData, temporaryFolder } from './support/data-folder.ts'
import { minuteText, recoveryCommands } from './support/recovery-page.ts'
import { putMinutes, putTrades, REGION_HOUR, REGION_SYMBOLS, Regions } from './support/regions.ts'
import { readRows, type Row } from './support/replay-into.ts'
import { runCommand } from './support/run-command.ts'
import { readBarRecords, readSignals, signalsOf } from './support/signal-rows.ts'
import { waitFor } from './support/wait-for.ts'

const MINUTES = 40

const regions = new Regions()
afterAll(() => regions.end())

/** Those of the newest minutes may still be changed. */
const isFinal = ({ timestamp }: { readonly timestamp: string }) =>
  timestamp < minuteText(REGION_HOUR + 60 * (MINUTES - 3))
const finalRows = async (deployment: Deployment): Promise<Row[]> =>
  (await readRows(deployment.readOnlyUrl)).filter(isFinal)

/** Runs a command until all bars are there: what is not final yet is left to its next run. */
async function untilRebuilt(deployment: Deployment, command: string, bars: number): Promise<void> {
  await waitFor(async () => {
    const { code } = await runCommand(command.split(' '), deployment.runtime.environment)
    expect(code).toBe(0)
    await deployment.settle()
    return (await finalRows(deployment)).length === bars
  }, 'the bars of the lost region')
}

async function expectSignals(deployment: Deployment): Promise<number> {
  const wanted = signalsOf(await readBarRecords(deployment.readOnlyUrl))
  expect(await readSignals(deployment.readOnlyUrl)).toEqual(wanted)
  return wanted.indicators.length
}

it('the bars, indicators and patterns of a lost region are made again in another from the copy of its archive', async () => {
  const lost = await regions.start(await preparedData())
  await putMinutes(lost, 0, MINUTES)
  await lost.flush()
  const before = await finalRows(lost)
  expect(before).toHaveLength(REGION_SYMBOLS.length * (MINUTES - 3))
  await lost.runtime.idle()
  const copy = await copyArchive(lost)
  expect(copy.size).toBeGreaterThan(0)
  await lost.stop()

  const other = await regions.start(await preparedData())
  // Feeds are pointed to it before anything is brought back.
  await putMinutes(other, MINUTES + 60, MINUTES + 65)
  await other.settle()
  await putArchive(other, copy)
  const [rebuild = ''] = recoveryCommands('The region is lost', REGION_HOUR)
  await untilRebuilt(other, rebuild, before.length)
  expect(await finalRows(other)).toEqual(before)
  expect(await expectSignals(other)).toBeGreaterThan(REGION_SYMBOLS.length * (MINUTES - 4))

  // Live ones go on from them.
  await putMinutes(other, MINUTES + 65, MINUTES + 70)
  await other.settle()
  await expectSignals(other)
})

it('a copy of its database brings its revisions back too, and the archive what the copy lacks', async () => {
  const data = await preparedData()
  const first = await regions.start(data)
  await putMinutes(first, 0, 20)
  await first.settle()
  // A late trade corrects a bar.
  await putTrades(first, (place) => [[REGION_HOUR + 60 * 18 + 55, 150 + place, 3, 1000]])
  await first.settle()
  await first.stop()
  // What RDS had copied: the rest is in the archive only.
  const copied = temporaryFolder()
  cpSync(join(data, 'postgres'), join(copied, 'postgres'), { recursive: true })
  const lost = await regions.start(data)
  await putMinutes(lost, 20, MINUTES)
  await lost.flush()
  await lost.runtime.idle()
  const before = await finalRows(lost)
  expect(before.filter(({ revision }) => revision !== '1')).toHaveLength(REGION_SYMBOLS.length)
  const copy = await copyArchive(lost)
  await lost.stop()

  const other = await regions.start(copied)
  expect((await finalRows(other)).length).toBeLessThan(before.length)
  const [recover = '', rebuild = ''] = recoveryCommands(
    'The region is lost, and has copies elsewhere',
    REGION_HOUR,
  )
  expect(await runCommand(recover.split(' '), other.runtime.environment)).toMatchObject({ code: 0 })
  await putMinutes(other, MINUTES + 60, MINUTES + 65)
  await other.settle()
  await putArchive(other, copy)
  await untilRebuilt(other, rebuild, before.length)
  expect(await finalRows(other)).toEqual(before)
  await expectSignals(other)
})
