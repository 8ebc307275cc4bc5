import { expect, it } from 'vitest'

import { runCommand } from './support/run-command.ts'

it('half a minute of kills, freezes and reshards loses nothing, doubles nothing and hides no gap', async () => {
  const { code, stdout, stderr } = await runCommand(['chaos', '--minutes', '0.5', '--seed', '7'], {})
  expect(stderr).toBe('')
  for (const kind of [
    'kill the workers of the ',
    'split or merge shards of ',
    'kill Postgres',
    'freeze the sessions of Postgres',
    'kill the whole runtime',
    'freeze the whole runtime',
  ])
    expect(stdout).toContain(` s  ${kind}`)
  const [, acknowledged, inBars] =
    /^trades acknowledged +(\S+)\ntrades in bars +(\S+) aim /m.exec(stdout) ?? []
  expect(acknowledged).toMatch(/^\d{1,3}(,\d{3})+$/)
  expect(inBars).toBe(acknowledged)
  expect(stdout).toMatch(/^bars +\d\d\d/m)
  expect({ code, stdout }).toEqual({ code: 0, stdout })
})
