import { describe, expect, it } from 'vitest'

import { nodeFile, npmCommand } from '../../bin/platform.mjs'

const linux = { platform: 'linux', execPath: '/usr/bin/node' } as const
const windows = { platform: 'win32', execPath: String.raw`C:\Program Files\nodejs\node.exe` } as const

describe('the setup', () => {
  it('looks for the Node of the package node where the platform has it', () => {
    expect(nodeFile('linux')).toBe('node/bin/node')
    expect(nodeFile('darwin')).toBe('node/bin/node')
    expect(nodeFile('win32')).toBe('node/bin/node.exe')
  })

  it('runs the npm that started it', () => {
    const npmPath = '/usr/lib/node_modules/npm/bin/npm-cli.js'
    expect(npmCommand({ ...linux, npmPath })).toEqual(['/usr/bin/node', npmPath])
    const onWindows = String.raw`C:\npm\bin\npm-cli.js`
    expect(npmCommand({ ...windows, npmPath: onWindows })).toEqual([windows.execPath, onWindows])
  })

  it.each([undefined, '/usr/lib/node_modules/pnpm/bin/pnpm.cjs', '/usr/share/yarn/bin/yarn.js'])(
    'runs the npm of the PATH or of Node when it was started by %s',
    (npmPath) => {
      expect(npmCommand({ ...linux, npmPath })).toEqual(['npm'])
      expect(npmCommand({ ...windows, npmPath })).toEqual([
        windows.execPath,
        String.raw`C:\Program Files\nodejs\node_modules\npm\bin\npm-cli.js`,
      ])
    },
  )
})
