import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda'
import { expect, it } from 'vitest'
import * as z from 'zod'

import { blocksOf } from './rollback-page.ts'
import { minutesAgo, tick } from './ticks.ts'
import type { System } from './system.ts'
import { WorkingCopy } from './working-copy.ts'

const AGGREGATOR = 'tickstock-local-aggregator'
const settingsSchema = z.looseObject({
  context: z.looseObject({ stages: z.looseObject({ local: z.looseObject({}) }) }),
})

/** A bad release, and the commit before it. */
export function describeWayBack(system: () => System): void {
  const environmentOf = async (name: string) => {
    const command = new GetFunctionConfigurationCommand({ FunctionName: name })
    return (await system().deployed.lambda.send(command)).Environment?.Variables
  }

  it('goes back to the commit before by the commands of docs/rollback.md, with the settings of today', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tickstock-way-back-'))
    try {
      const project = await WorkingCopy.make(folder, system().endpoint.environment)
      appendFileSync(join(folder, 'functions/aggregator/handler.ts'), "\nthrow new Error('a bad release')\n")
      const file = join(folder, 'cdk.json')
      const settings = settingsSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
      Object.assign(settings.context.stages.local, system().settings, { latenessSeconds: 100 })
      writeFileSync(file, JSON.stringify(settings))
      await project.commit('a bad release, and a setting')
      await project.shell('npx cdk deploy -c stage=local')
      await expect(system().deployed.invoke(AGGREGATOR, { Records: [] })).rejects.toThrow('a bad release')
      const minute = minutesAgo(5)
      await system().deployed.put('BACK', tick('BACK', 1, minute), tick('BACK', 2, minute + 60))

      const commands = blocksOf('Everything').join('\n').replace('<the commit before>', 'HEAD~1')
      await project.shell(`STAGE=local\n${commands}`)

      expect(await system().deployed.invoke(AGGREGATOR, { Records: [] })).toEqual({ batchItemFailures: [] })
      expect(await environmentOf(AGGREGATOR)).toMatchObject({ LATENESS_SECONDS: '100' })
      // What came meanwhile has waited on the stream.
      expect((await system().deployed.barsOf('BACK', 1))[0]).toMatchObject({ open: '1', revision: '1' })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
}
