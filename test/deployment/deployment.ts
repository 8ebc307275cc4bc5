import { expect, it } from 'vitest'

import { inventory } from './inventory.ts'
import { needs } from './needs.ts'
import type { System } from './system.ts'

/** Getting stage `local` into an empty account. */
export function describeDeployment(system: () => System): void {
  it('is refused in one sentence by an account that is not bootstrapped', async ({ skip }) => {
    skip(await system().isBootstrapped(), 'the endpoint is bootstrapped already')
    await expect(system().cdk('deploy', '--require-approval', 'never')).rejects.toThrow(
      "Has the environment been bootstrapped? Please run 'cdk bootstrap'",
    )
  })

  it('is not deployed when the database cannot be migrated', async (context) => {
    needs('custom resources', system().endpoint, context)
    await expect(system().deploy({ DatabasePort: '1' })).rejects.toThrow(/Custom::Migrated .*ECONNREFUSED/s)
  })

  it('is deployed by plain cdk bootstrap and cdk deploy', async () => {
    await system().deploy()
    const kinds = new Set((await inventory(system().endpoint)).map(({ kind }) => kind))
    expect([...kinds]).toEqual([
      'stack',
      'stream',
      'table',
      'bucket',
      'function',
      'mapping',
      'log group',
      'secret',
      'rule',
      'role',
      'API',
      'API key',
      'usage plan',
      ...(system().endpoint.lacks['WebSocket APIs'] === undefined ? ['WebSocket API'] : []),
      'parameter',
    ])
  })
}
