import { readdirSync, readFileSync } from 'node:fs'

import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { cited, ROOT } from './page.ts'

const packageSchema = z.object({ scripts: z.record(z.string(), z.string()) })
const { scripts } = packageSchema.parse(JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')))
const modules: Record<string, unknown>[] = await Promise.all(
  readdirSync(`${ROOT}bin/commands`).map((file) => import(`../../bin/commands/${file}`)),
)
const commands = new Map(
  modules
    .flatMap((module) => Object.values(module))
    .filter((value) => value instanceof Command)
    .map((command) => [command.name(), command]),
)

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
  const known = optionsOf(command, words)
  const [sub = ''] = words
  if (command.commands.length > 0 && sub !== '' && !command.commands.some((each) => each.name() === sub))
    return `${name} has no command ${sub}`
  const unknown = words.find((word) => /^--?[a-z]/.test(word) && !known.includes(word))
  return unknown === undefined ? undefined : `${name} has no option ${unknown}`
}

describe('the pages name', () => {
  it('commands that there are, with options that they have, and every command', () => {
    const lines = cited(/\btickstock ([a-z][\w-]*(?:[^\n`;&|)]| (?=\|))*)/g).filter(({ name }) =>
      /^[a-z-]+($|\s)/.test(name),
    )
    const called = cited(/\bnpx tickstock ((?:COMMAND|[a-z][\w-]*)[^\n`;&|)]*)/g)
    const started = cited(/\bnpm start -- ([^\n`;&|),]+)/g).map(({ at, name }) => ({
      at,
      name: `start ${name}`,
    }))
    expect(
      [...called, ...started].flatMap(({ at, name }) => {
        const fault = faultOf(name.trim())
        return fault === undefined ? [] : [{ at, fault }]
      }),
    ).toEqual([])
    const names = new Set([...called, ...started].map(({ name }) => name.split(/\s/)[0]))
    expect([...commands.keys()].filter((name) => !names.has(name))).toEqual([])
    expect(lines.length).toBeGreaterThan(0)
  })

  it('scripts that there are', () => {
    const called = cited(/\bnpm run ([\w:-]+)/g)
    expect(called.filter(({ name }) => !(name in scripts))).toEqual([])
    expect(called.length).toBeGreaterThan(5)
  })
})
