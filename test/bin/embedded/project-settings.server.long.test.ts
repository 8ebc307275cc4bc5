import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { readAssembly } from 'embedded-aws'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { isSet, projectSettings } from '../../../bin/embedded/project-settings.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
let project: string

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'tickstock-project-'))
})
afterEach(() => rmSync(project, { recursive: true }))

const settings = (text: string) => writeFileSync(join(project, 'cdk.json'), text)

describe('the settings in cdk.json', () => {
  it('say whether they set a key, for all stages or for local', () => {
    const isAccessSet = (context: object): boolean => {
      settings(JSON.stringify({ context }))
      return isSet('access', project)
    }
    expect([{}, { stages: { local: {}, prod: { access: 'people' } } }].map(isAccessSet)).toEqual([
      false,
      false,
    ])
    expect([{ access: 'keys' }, { stages: { local: { access: 'keys' } } }].map(isAccessSet)).toEqual([
      true,
      true,
    ])
  })

  it('are what npm start synthesizes stage local with', () => {
    for (const each of ['bin', 'lib', 'functions', 'feed', 'package.json', 'package-lock.json'])
      cpSync(join(ROOT, each), join(project, each), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules'), join(project, 'node_modules'))
    const stages = { local: { tickShards: 3 }, prod: { tickShards: 9 } }
    // What is asked of the template does not stand in the functions' code.
    const context = { stage: 'prod', barShards: 2, stages, 'aws:cdk:bundling-stacks': [] }
    settings(JSON.stringify({ app: 'node bin/app.ts', context }))
    const print = `import { synthesize } from ${JSON.stringify(join(project, 'bin/embedded/synthesize.ts'))}
      console.log(await synthesize())`
    const assembly = execFileSync(process.execPath, ['--input-type=module', '-e', print], {
      encoding: 'utf8',
    })
    const { template } = readAssembly(assembly.trim())
    const streams = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::Kinesis::Stream')
    expect(streams.map(({ Properties }) => [Properties['Name'], Properties['ShardCount']])).toEqual([
      ['tickstock-local-ticks', 3],
      ['tickstock-local-bars', 2],
      ['tickstock-local-signals', 1],
    ])
  })

  it('are named when they cannot be read', () => {
    expect(() => projectSettings(project)).toThrow(`${join(project, 'cdk.json')} cannot be read`)
    settings('{"context":[]}')
    expect(() => projectSettings(project)).toThrow(/cdk\.json cannot be read: .*context/s)
    settings('{"app":"node bin/app.ts"}')
    expect(projectSettings(project)).toEqual({})
  })
})
