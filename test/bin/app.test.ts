import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { afterAll, describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const output = mkdtempSync(join(tmpdir(), 'tickstock-app-'))
afterAll(() => rmSync(output, { recursive: true }))

/** Runs `cdk synth` as a user does. */
function synth(...options: string[]): { readonly status: number | null; readonly says: string } {
  const { AWS_REGION: _region, ...environment } = process.env
  const run = spawnSync(
    join(ROOT, 'node_modules/.bin/cdk'),
    ['synth', '--quiet', '--output', output, ...options],
    {
      cwd: ROOT,
      env: environment,
      encoding: 'utf8',
    },
  )
  return { status: run.status, says: run.stderr }
}

describe('the CDK app on the command line', { timeout: 60_000 }, () => {
  it.each([
    [['-c', 'stage=moon'], 'stage is "moon"'],
    [['-c', 'stage=prod'], 'region is not set: stage prod wants one'],
    [['-c', 'tickShards=none'], 'tickShards is "none": allowed is a whole number from 1 to 500'],
    [['-c', 'tickShard=2'], 'there is no key tickShard'],
  ])('with %j ends with one sentence and no stack', (options, sentence) => {
    const { status, says } = synth(...options)
    expect(status).not.toBe(0)
    expect(says.split('\n').filter((line) => line.includes('bad configuration'))).toEqual([
      expect.stringContaining(sentence),
    ])
    expect(says).not.toMatch(/^ +at /m)
  })

  it('says nothing of its own feature flags, and that nobody gets the alarms of prod', () => {
    const bare = synth('-c', 'stage=prod', '-c', 'region=eu-central-1')
    expect(bare).toMatchObject({ status: 0, says: expect.stringContaining('alarmEmail is not set') })
    expect(bare.says).not.toContain('feature flags')
  })
})
