import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

import { assembledFunctions } from '../../bin/embedded/assembled-functions.ts'
import { runApp } from '../../bin/embedded/run-app.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const output = mkdtempSync(join(tmpdir(), 'tickstock-app-'))
afterAll(() => rmSync(output, { recursive: true }))

beforeAll(() => {
  vi.stubEnv('AWS_REGION', undefined)
  // The CDK would send what it measures from a process that outlives the tests.
  vi.stubEnv('CDK_DISABLE_CLI_TELEMETRY', 'true')
})
afterAll(() => {
  vi.unstubAllEnvs()
})

type Ended = { readonly status: number | string | null | undefined; readonly says: string }

/** Runs `cdk synth` as a user does. */
function synth(...options: string[]): Promise<Ended> {
  const folder = mkdtempSync(join(output, 'assembly-'))
  return new Promise((resolve) => {
    execFile(
      join(ROOT, 'node_modules/.bin/cdk'),
      ['synth', '--quiet', '--output', folder, ...options],
      { cwd: ROOT },
      (error, _stdout, says) => resolve({ status: error === null ? 0 : error.code, says }),
    )
  })
}

describe.concurrent('the CDK app on the command line', () => {
  it.each([
    [['-c', 'stage=moon'], 'stage is "moon"'],
    [['-c', 'stage=prod'], 'region is not set: stage prod wants one'],
    [['-c', 'tickShards=none'], 'tickShards is "none": allowed is a whole number from 1 to 500'],
    [['-c', 'tickShard=2'], 'there is no key tickShard'],
  ])('with %j ends with one sentence and no stack', async (options, sentence) => {
    const { status, says } = await synth(...options)
    expect(status).not.toBe(0)
    expect(says.split('\n').filter((line) => line.includes('bad configuration'))).toEqual([
      expect.stringContaining(sentence),
    ])
    expect(says).not.toMatch(/^ +at /m)
  })

  it('is accepted by the rules of the CDK for stage local, and each function has code of its own', async () => {
    const assembly = join(output, 'local')
    await runApp(assembly, { stage: 'local' }, { CDK_VALIDATION: 'true' })
    const folders = assembledFunctions(assembly).map(({ taskRoot }) => taskRoot)
    expect(folders.length).toBeGreaterThan(5)
    expect(new Set(folders).size).toBe(folders.length)
  })

  it('says nothing of its own feature flags, and that nobody gets the alarms of prod', async () => {
    // What `cdk synth` lets the app do, but that no code is bundled.
    const context = { stage: 'prod', region: 'eu-central-1', databaseProxy: 'on', syntheticFeed: 'on' }
    const assembly = join(output, 'prod')
    await runApp(assembly, { ...context, 'aws:cdk:bundling-stacks': [] })
    const bare = await synth('--app', assembly)
    expect(bare).toMatchObject({ status: 0, says: expect.stringContaining('alarmEmail is not set') })
    expect(bare.says).not.toContain('feature flags')
  })
})
