import { expect, it } from 'vitest'

import { eventually } from '../support/eventually.ts'
import { runCommand } from '../system/support/run-command.ts'
import { PATIENCE } from './deployed.ts'
import { minutesAgo, tick } from './ticks.ts'
import { STACK, type System } from './system.ts'

/** What is done by hand to what runs. */
export function describeOperation(system: () => System): void {
  it('is operated by the commands that are used by hand', async () => {
    const command = async (...given: readonly string[]): Promise<string> => {
      const { code, stdout, stderr } = await runCommand(given, system().endpoint.environment)
      // The first command that needs the assembly says that it makes it.
      const complaints = stderr.replace(/^synthesizing the CDK app \.\.\.\n/, '')
      expect({ given, code, complaints }).toEqual({ given, code: 0, complaints: '' })
      return stdout
    }
    expect(await command('flag')).toMatch(/^aggregation +on\n/)
    expect(await command('invoke', 'sweeper', '--stage', 'local')).toMatch(/^result: success\n/)
    expect(await command('metrics', '--once')).toMatch(/\naggregator +TicksProcessed +Count /)
    const [, rejected = ''] = / POISON +not-json +(\S+)\n/.exec(await command('dead-letters', 'list')) ?? []
    expect(await command('dead-letters', 'show', rejected)).toContain('{"symbol":"POISON","price":')
    expect(await command('dead-letters', 'redrive', rejected)).toBe(
      'tickstock-local-ticks: 1 records put back\n',
    )
    await eventually(
      'what is no JSON to be refused again',
      async () => {
        const listed = await command('dead-letters', 'list')
        return listed.includes(' not-json ') && !listed.includes(rejected)
      },
      PATIENCE,
    )
  })

  it('is not changed by deploying it again, and goes on working', async () => {
    // By a change set, diff would take the defaults of the parameters for what was given.
    const difference = await system().cdk('diff', '--fail', '--method', 'template')
    expect(difference).toContain('Number of stacks with differences: 0')
    expect(await system().cdk('deploy', '--require-approval', 'never')).toContain(`${STACK} (no changes)`)
    const minute = minutesAgo(5)
    await system().deployed.put('AFTER', tick('AFTER', 1, minute), tick('AFTER', 2, minute + 60))
    expect((await system().deployed.barsOf('AFTER', 1))[0]).toMatchObject({ open: '1', revision: '1' })
  })
}
