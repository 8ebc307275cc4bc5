import { setFlagsFromString } from 'node:v8'
import { describe, expect, onTestFinished, test } from 'vitest'
import { functionOf } from '../../testing/function-definition.ts'
import { eventually } from '../../testing/helpers.ts'
import { createFunctionHost } from './function-host.ts'

const MB = 1024 * 1024

/** Leaves 40 MB of garbage in the old generation, where V8 would leave it. */
const source = `
  let loaded = Array.from({ length: 40 }, (_, index) => Array.from({ length: 131_072 }, () => index + 0.5))
  const sum = loaded.length
  loaded = undefined
  export const handler = async () => [sum, typeof gc]`

function hostOf() {
  const host = createFunctionHost(() => undefined)
  onTestFinished(() => host.stop())
  host.register(functionOf(source, { memoryMb: 512 }))
  return host
}

describe('the garbage of a worker', () => {
  test('that loading has left is collected after the first invocation, by what the function does not see', async () => {
    setFlagsFromString('--expose-gc')
    const host = hostOf()
    expect(await host.invoke('f', {})).toMatchObject({ payload: [40, 'undefined'] })
    await eventually('the worker holds little', async () => {
      const memory = (await host.figures())['f']?.memoryBytes ?? Infinity
      return memory < 30 * MB
    })
  })
})
