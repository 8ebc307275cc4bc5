import { expect, it } from 'vitest'

import { runCommand } from './support/run-command.ts'

it('half a minute of soak among faults balances, shows what it takes, and lets its runtime live', async () => {
  const given = [
    '--minutes',
    '0.6',
    '--every',
    '5',
    '--symbols',
    '10',
    '--rate',
    '2',
    '--faults',
    '--seed',
    '3',
  ]
  const { code, stdout, stderr } = await runCommand(['soak', ...given], {})
  expect(stderr).toBe('')
  for (const kind of [
    'kill the workers of the ',
    'kill Postgres',
    'freeze the sessions of Postgres',
    'freeze the whole runtime',
    'put the clock of the ',
    'split or merge shards of ',
  ])
    expect(stdout).toContain(` s  ${kind}`)
  expect(stdout).not.toContain('kill the whole runtime')
  const samples = [...stdout.matchAll(/^ +\d+\.\d +(\d+) +(\d+) +(\d+) +(\d+)/gm)].map((row) =>
    row.slice(2, 5).map(Number),
  )
  expect(samples.length).toBeGreaterThan(2)
  // Memory of the runtime and of Postgres, and open files.
  for (const [memory = 0, postgres = 0, files = 0] of samples) {
    expect(memory).toBeGreaterThan(100)
    expect(postgres).toBeGreaterThan(5)
    expect(files).toBeGreaterThan(100)
  }
  const [, acknowledged, inBars] =
    /^trades acknowledged +(\S+)\ntrades in bars +(\S+) aim /m.exec(stdout) ?? []
  expect(Number(acknowledged?.replace(',', ''))).toBeGreaterThan(600)
  expect(inBars).toBe(acknowledged)
  expect(stdout).toMatch(/^clients not told of a gap +0 aim 0\ndead letters +0 aim 0$/m)
  // Half a minute is not long enough to tell what grows from what a start takes.
  expect({ code, stdout }).toEqual({ code: / grows$/m.test(stdout) ? 1 : 0, stdout })
})
