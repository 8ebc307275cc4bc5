import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, it, onTestFinished } from 'vitest'

import { corsOriginsOf } from '../../../bin/embedded/cors-origins.ts'

function assemblyWith(origins: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'tickstock-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const write = (name: string, value: unknown): void =>
    writeFileSync(join(folder, name), JSON.stringify(value))
  write('manifest.json', {
    artifacts: { S: { type: 'aws:cloudformation:stack', properties: { templateFile: 'template.json' } } },
  })
  const variables = (given: object) => ({
    Type: 'AWS::Lambda::Function',
    Properties: { Environment: { Variables: given } },
  })
  write('template.json', { Resources: { Api: variables({ CORS_ORIGINS: origins }), Other: variables({}) } })
  return folder
}

it.each([
  ['', []],
  ['*', ['*']],
  ['https://a.example,http://localhost:5173', ['https://a.example', 'http://localhost:5173']],
])('the origins %j are those that the API of the assembly lets in', (setting, origins) => {
  expect(corsOriginsOf(assemblyWith(setting))).toEqual(origins)
})
