import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { lockDataFolder } from 'embedded-aws'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'

import { takeDataFolder } from '../../../bin/embedded/data-folder.ts'
import { VENUES } from '../../../feed/venues/index.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickstock-test-'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

function write(...files: readonly string[]): void {
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), '')
  }
}

const OLDER = [
  'aws/kinesis/streams.sqlite',
  'aws/secrets.json',
  'postgres/data/PG_VERSION',
  'postgres/owner',
  'owner-password',
  'fed-until',
  'functions.log',
]

describe('a data folder', () => {
  it('is made, marked, held by one process, and given back', () => {
    const path = join(folder, 'new', 'data')
    const { release } = takeDataFolder(path)
    expect(() => takeDataFolder(path)).toThrow(`${path} is in use by process ${process.pid}`)
    release()
    expect(readdirSync(path)).toEqual(['tickstock-data.json'])
    takeDataFolder(path).release()
  })

  it('knows whether the process that had it before was killed', () => {
    takeDataFolder(folder).release()
    const orderly = takeDataFolder(folder)
    orderly.release()
    write('running.json')
    const killed = takeDataFolder(folder)
    killed.release()
    const next = takeDataFolder(folder)
    next.release()
    expect([orderly, killed, next].map(({ wasKilled }) => wasKilled)).toEqual([false, true, false])
  })

  it("of an older version is taken, is marked from then on, and loses nothing but what is TickStock's", () => {
    write(...OLDER, 'lost+found/x')
    takeDataFolder(folder).release()
    // Once it is marked, whatever else was put there does not matter, and stays.
    write('notes.txt', ...[...VENUES.keys()].map((name) => `fed-${name}.json`))
    const { clear, release } = takeDataFolder(folder)
    clear()
    release()
    expect(readdirSync(folder).toSorted()).toEqual(['lost+found', 'notes.txt', 'tickstock-data.json'])
  })

  it('makes what is written for its owner only while it is held, and no longer', () => {
    const modeOf = (): number => {
      const file = join(folder, 'probe')
      rmSync(file, { force: true })
      writeFileSync(file, '')
      return statSync(file).mode & 0o777
    }
    const mask = process.umask(0o022)
    onTestFinished(() => void process.umask(mask))
    const { release } = takeDataFolder(folder)
    expect(modeOf()).toBe(0o600)
    expect(() => takeDataFolder(folder)).toThrow('is in use')
    release()
    expect(modeOf()).toBe(0o644)
  })

  it('that an older version still uses is not taken', () => {
    write(...OLDER)
    const unlock = lockDataFolder(join(folder, 'aws'))
    expect(() => takeDataFolder(folder)).toThrow(`is in use by process ${process.pid}`)
    unlock()
  })

  it.each([
    ['letter', ['letter']],
    ['aws', ['aws/main.tf', 'postgres/data/PG_VERSION']],
    ['postgres', ['postgres/docker-compose.yml']],
    ['src', [...OLDER, 'src/index.ts']],
  ])('is not one with a foreign %s in it, and that is left alone', (name, files) => {
    write(...files)
    expect(() => takeDataFolder(folder)).toThrow(
      `${folder} is not a data folder of TickStock, and it is not empty (it holds "${name}"): give another with --data`,
    )
    for (const file of files) expect(existsSync(join(folder, file))).toBe(true)
    expect(existsSync(join(folder, 'tickstock-data.json'))).toBe(false)
  })

  it('of a later version is not touched', () => {
    write(...OLDER)
    writeFileSync(join(folder, 'tickstock-data.json'), '{"format":3}')
    expect(() => takeDataFolder(folder)).toThrow(`${folder} has format 3, and this version reads 2`)
  })

  it('with a marker that is cut short is known by what is in it', () => {
    write(...OLDER, 'tickstock-data.json')
    takeDataFolder(folder).release()
    // It is whole again.
    expect(readFileSync(join(folder, 'tickstock-data.json'), 'utf8')).toContain('"format": 2')
  })

  it('that is a file is refused in one sentence', () => {
    write('file')
    expect(() => takeDataFolder(join(folder, 'file'))).toThrow(
      /^the data folder .*file cannot be used \(ENOTDIR.*\): choose another with --data$/,
    )
  })
})
