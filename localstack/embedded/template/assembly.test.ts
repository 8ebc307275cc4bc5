import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readAssembly } from './assembly.ts'
import { assemblyOf, temporaryFolder } from '../testing/helpers.ts'

function stack(templateFile = 'A.template.json') {
  return {
    type: 'aws:cloudformation:stack',
    properties: { templateFile },
  }
}
function manifest(artifacts: unknown) {
  return { 'manifest.json': JSON.stringify({ artifacts }) }
}

describe('readAssembly', () => {
  test('reads the template and where assets lie', () => {
    const folder = assemblyOf({ Resources: { A: { Type: 'Custom::A', DependsOn: 'B' } } })
    const { stackName, template, assets } = readAssembly(folder)
    expect(stackName).toBe('Small')
    expect(template.Resources['A']).toEqual({ Type: 'Custom::A', Properties: {}, DependsOn: ['B'] })
    expect([...assets]).toEqual([['code.zip', join(folder, 'asset.code')]])
  })

  test('says that a folder is no assembly', () => {
    expect(() => readAssembly(temporaryFolder())).toThrow(/not a cloud assembly.*Run "cdk synth"/)
  })

  test('asks which stack when there are several, and names them when the wanted one is missing', () => {
    const folder = temporaryFolder(manifest({ A: stack(), B: stack() }))
    expect(() => readAssembly(folder)).toThrow('has several stacks: A, B. Choose one with the option stack.')
    expect(() => readAssembly(folder, 'C')).toThrow(`No stack C in ${folder}; it has: A, B.`)
  })

  test('points to the folders of stages when there is no stack', () => {
    const stage = { type: 'cdk:cloud-assembly', properties: { directoryName: 'assembly-Prod' } }
    expect(() => readAssembly(temporaryFolder(manifest({ Prod: stage })))).toThrow(/assembly-Prod/)
  })

  test('names the file that is missing, no JSON, or of another shape', () => {
    const missing = temporaryFolder(manifest({ A: stack() }))
    expect(() => readAssembly(missing)).toThrow(/Cannot read .*A.template.json/)
    expect(() => readAssembly(temporaryFolder({ 'manifest.json': '{' }))).toThrow(/manifest.json: .*JSON/)
    const odd = assemblyOf({ Resources: { A: { Type: 'Custom::A', UpdatePolicy: {} } } })
    expect(() => readAssembly(odd)).toThrow(
      /Small.template.json is not what cdk synth writes:.*UpdatePolicy/s,
    )
  })
})
