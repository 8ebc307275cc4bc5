import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '../testing/helpers.ts'
import { closeToOthers, makeFolder, makeOwnerOnly } from './owner-only.ts'

function modeOf(path: string): string {
  return (statSync(path).mode & 0o777).toString(8)
}

function withUmask(mask: number): void {
  const before = process.umask(mask)
  onTestFinished(() => void process.umask(before))
}

describe('what is for its owner only', () => {
  test.each([0o000, 0o022])('is so whatever the umask was: %i', (mask) => {
    withUmask(mask)
    const folder = join(temporaryFolder(), 'new', 'data')
    const end = makeOwnerOnly()
    makeFolder(folder)
    writeFileSync(join(folder, 'file'), '')
    mkdirSync(join(folder, 'below'))
    end()
    expect([modeOf(folder), modeOf(join(folder, 'file')), modeOf(join(folder, 'below'))]).toEqual([
      '700',
      '600',
      '700',
    ])
    writeFileSync(join(folder, 'later'), '')
    expect(modeOf(join(folder, 'later'))).toBe((0o666 & ~mask).toString(8))
  })

  test('is so until the last of several has ended, in whatever order they end', () => {
    withUmask(0o022)
    const folder = temporaryFolder()
    const modeOfNew = (name: string): string => {
      writeFileSync(join(folder, name), '')
      return modeOf(join(folder, name))
    }
    const ends = [makeOwnerOnly(), makeOwnerOnly()]
    ends[0]?.()
    ends[0]?.()
    expect(modeOfNew('between')).toBe('600')
    ends[1]?.()
    expect(modeOfNew('after')).toBe('644')
  })

  test('becomes so where an earlier version left it open, and what a link leads to stays as it is', () => {
    const outside = join(temporaryFolder({ outside: '' }), 'outside')
    chmodSync(outside, 0o644)
    const folder = temporaryFolder({ 'below/file': '', 'below/program': '' })
    chmodSync(join(folder, 'below/program'), 0o755)
    symlinkSync(outside, join(folder, 'link'))
    chmodSync(folder, 0o755)
    closeToOthers(folder, 0o711)
    expect(['.', 'below', 'below/file', 'below/program'].map((name) => modeOf(join(folder, name)))).toEqual([
      '711',
      '700',
      '600',
      '700',
    ])
    expect(modeOf(outside)).toBe('644')
  })
})

/** A file system of this machine that is mounted read-only. */
const readOnly = mounts().find(
  (line) => line[3]?.split(',').includes('ro') === true && canBeSeen(line[1] ?? ''),
)?.[1]

function mounts(): readonly (readonly string[])[] {
  try {
    return readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .map((line) => line.split(' '))
  } catch {
    return []
  }
}

function canBeSeen(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

test.skipIf(readOnly === undefined)(
  `a read-only file system is reported as that${readOnly === undefined ? ' (not run: /proc/mounts has none)' : ''}`,
  () => {
    expect(() => makeFolder(join(readOnly ?? '', 'data', 'aws'))).toThrow(
      /^EROFS: read-only file system, mkdir/,
    )
  },
)
