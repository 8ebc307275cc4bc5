import { readdirSync, readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { type Cited, cited, pages, proseOf, readPage, ROOT } from './page.ts'

const packageSchema = z.object({ scripts: z.record(z.string(), z.string()) })
const { scripts } = packageSchema.parse(JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')))
const FOLDER = `${ROOT}bin/commands/`
const modules: Record<string, unknown>[] = await Promise.all(
  readdirSync(FOLDER).map((file) => import(/* @vite-ignore */ pathToFileURL(FOLDER + file).href)),
)
const commands = new Map(
  modules
    .flatMap((module) => Object.values(module))
    .filter((value) => value instanceof Command)
    .map((command) => [command.name(), command]),
)

/** Options of other programs that the text mentions by themselves. */
const OF_OTHERS =
  /^--(all|method|version-stage|maximum-retry-attempts|cli-binary-format|target-db-instance-identifier)$/

/** The options of a command with these words behind its name, those of its subcommand among them. */
function optionsOf(command: Command, words: readonly string[]): readonly string[] {
  const own = command.options.flatMap(({ long, short }) => [long, short].filter((flag) => flag !== undefined))
  const subcommand = command.commands.find((each) => each.name() === words[0])
  return [...own, '--help', ...(subcommand === undefined ? [] : optionsOf(subcommand, words.slice(1)))]
}

/** What is wrong with the words behind `tickstock`. */
function faultOf(line: string): string | undefined {
  const [name = '', ...words] = line.split(/\s+/)
  const command = commands.get(name)
  if (command === undefined) return name === 'COMMAND' ? undefined : `there is no command ${name}`
  const [sub = ''] = words
  if (command.commands.length > 0 && sub !== '' && !command.commands.some((each) => each.name() === sub))
    return `${name} has no command ${sub}`
  const known = optionsOf(command, words)
  const unknown = words.find((word) => /^--?[a-z]/.test(word) && !known.includes(word))
  return unknown === undefined ? undefined : `${name} has no option ${unknown}`
}

function faultsOf(lines: readonly Cited[]): readonly { readonly at: string; readonly fault: string }[] {
  return lines.flatMap(({ at, name }) => {
    const fault = faultOf(name.trim())
    return fault === undefined ? [] : [{ at, fault }]
  })
}

describe('the pages name', () => {
  const called = [
    ...cited(/\bnpx tickstock ((?:COMMAND|[a-z][\w-]*)(?:[^\n`;&|),]|,(?! ))*)/g),
    ...cited(/\bnpm start -- ([^\n`;&|),]+)/g).map(({ at, name }) => ({ at, name: `start ${name}` })),
  ]

  it('commands that there are, with options that they have', () => {
    expect(faultsOf(called)).toEqual([])
  })

  it('in the lists of README.md and of npm start the same commands, which there are', () => {
    const [listed = '', ...others] = ['README.md', 'bin/embedded/introduction.ts'].map((file) => {
      const [, list = ''] = /commands {3}npx tickstock (.+)/.exec(readPage(file)) ?? []
      return list.replace('${dataOption}', '').replace('`,', '')
    })
    expect(others).toEqual([listed])
    expect(listed.split(', ').filter((name) => !commands.has(name))).toEqual([])
    expect(listed.split(', ')).toEqual(expect.arrayContaining(['bars', 'export']))
  })

  it('every command', () => {
    const names = new Set(called.map(({ name }) => name.trim().split(/\s/)[0]))
    expect(commands.size).toBeGreaterThan(10)
    expect([...commands.keys()].filter((name) => !names.has(name))).toEqual([])
  })

  it('options of some command, where they stand alone', () => {
    const all = new Set(
      [...commands.values()].flatMap((command) => [
        ...optionsOf(command, []),
        ...command.commands.flatMap((each) => optionsOf(each, [])),
      ]),
    )
    const alone = cited(
      /(?<!`)`(--[a-z-]+)/g,
      pages.map(({ file, text }) => ({ file, text: proseOf(text) })),
    )
    expect(alone.filter(({ name }) => !all.has(name) && !OF_OTHERS.test(name))).toEqual([])
    expect(alone.length).toBeGreaterThan(10)
  })

  it('scripts that there are', () => {
    const names = cited(/\bnpm run ([\w:-]+)/g)
    expect(names.filter(({ name }) => !(name in scripts))).toEqual([])
    expect(names.length).toBeGreaterThan(5)
  })
})
