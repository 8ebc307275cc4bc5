import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { readPage, sectionOf } from '../../docs/page.ts'
import { installNpmPackages } from '../../support/npm-package.ts'
import { hasPythonFrom, installPythonPackage } from '../../support/python-package.ts'
import { waitFor } from './wait-for.ts'

const run = promisify(execFile)
const home = (name: string): string => fileURLToPath(new URL(`../../../.emulators/${name}`, import.meta.url))

/** Runs programs that use the clients of other vendors, in the versions that docs/clients.md names. */
export type VendorClients = {
  /** What a program prints. @throws Error with what it printed when it fails */
  readonly python: (program: string) => Promise<string>
  readonly javascript: (program: string) => Promise<string>
  /** The lines that a program prints which does not end by itself, until there are some; then it is killed. */
  readonly until: (
    language: Language,
    program: string,
    enough: (printed: string) => boolean,
  ) => Promise<string>
}

export type Language = 'python' | 'javascript'

/** The version of a package, as the page has it: `` `name` 1.2.3 ``. */
function versionOf(name: string): string {
  const [, version] = new RegExp(`\`${name}\` (\\d+\\.\\d+\\.\\d+)`).exec(readPage('docs/clients.md')) ?? []
  if (version === undefined) throw new Error(`docs/clients.md names no version of ${name}`)
  return version
}

/** The version of Alpaca's client in JavaScript that is older and still in use. */
function versionBefore(): string {
  const [, version] = /^Version (3\.\d+\.\d+)/m.exec(readPage('docs/clients.md')) ?? []
  if (version === undefined) throw new Error('docs/clients.md names no version 3')
  return version
}

/** Installs the clients, once. @param environment where the API is, and a key */
export async function installVendorClients(
  environment: Readonly<Record<string, string>>,
): Promise<VendorClients> {
  const inNode = home('vendor-clients-npm')
  const ofNpm = [
    ...['@alpacahq/alpaca-trade-api', '@polygon.io/client-js'].map((name) => `${name}@${versionOf(name)}`),
    `alpaca-before@npm:@alpacahq/alpaca-trade-api@${versionBefore()}`,
  ]
  const [executable] = await Promise.all([
    // Without Python, tests of clients in Python are left out.
    hasPythonFrom(10)
      ? installPythonPackage('alpaca-py', {
          version: versionOf('alpaca-py'),
          home: home('vendor-clients-python'),
          beside: ['massive', 'polygon-api-client'].map((name) => `${name}==${versionOf(name)}`),
        })
      : '',
    installNpmPackages(ofNpm, inNode),
  ])
  const { HOME = '', PATH = '' } = process.env
  const options = { cwd: inNode, env: { HOME, PATH, ...environment }, timeout: 120_000, maxBuffer: 2 ** 26 }
  // Packages are looked for from where a module is.
  const inFile = async <Result>(
    program: string,
    work: (file: string) => Promise<Result>,
  ): Promise<Result> => {
    const file = join(inNode, `program-${crypto.randomUUID()}.mjs`)
    writeFileSync(file, program)
    try {
      return await work(file)
    } finally {
      rmSync(file)
    }
  }
  return {
    python: async (program) => (await run(executable, ['-c', program], options)).stdout,
    javascript: (program) =>
      inFile(program, async (file) => (await run(process.execPath, [file], options)).stdout),
    until: (language, program, enough) =>
      language === 'python'
        ? printedUntil(enough, () => spawn(executable, ['-u', '-c', program], options))
        : inFile(program, (file) => printedUntil(enough, () => spawn(process.execPath, [file], options))),
  }
}

async function printedUntil(
  enough: (printed: string) => boolean,
  start: () => ChildProcess,
): Promise<string> {
  const child = start()
  let printed = ''
  const ended = once(child, 'close')
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      printed += text
    })
  try {
    await waitFor(() => enough(printed) || child.exitCode !== null, 'what a program prints')
  } catch (cause) {
    throw new Error(`it printed: ${printed}`, { cause })
  } finally {
    child.kill('SIGKILL')
    await ended
  }
  if (!enough(printed)) throw new Error(`the program has ended: ${printed}`)
  return printed
}

/** The programs of a section of docs/clients.md, by language. */
export function programsOf(
  section: string,
): readonly { readonly language: string; readonly program: string }[] {
  const blocks = sectionOf(readPage('docs/clients.md'), section).matchAll(/^```(python|js)\n(.*?)^```$/gms)
  return [...blocks].map(([, language = '', program = '']) => ({ language, program }))
}
