import { execFile } from 'node:child_process'
import { cpSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
/** What `cdk deploy` needs, beside the packages. */
const SOURCES = [
  'bin',
  'functions',
  'lib',
  'localstack',
  'feed',
  'cdk.json',
  'package.json',
  'package-lock.json',
]

/** A repository of its own with this project as it lies here, to commit to and to deploy from. */
export class WorkingCopy {
  readonly folder: string
  readonly #environment: NodeJS.ProcessEnv

  private constructor(folder: string, environment: Readonly<Record<string, string>>) {
    this.folder = folder
    this.#environment = { ...process.env, ...environment, CI: 'true', NO_COLOR: '1' }
  }

  /**
   * @param folder an empty one
   * @param environment added to that of the commands
   */
  static async make(folder: string, environment: Readonly<Record<string, string>>): Promise<WorkingCopy> {
    for (const each of SOURCES) cpSync(join(ROOT, each), join(folder, each), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
    const copy = new WorkingCopy(folder, environment)
    await copy.shell('git init --quiet')
    await copy.commit('as it is')
    return copy
  }

  async commit(message: string): Promise<void> {
    const me = '-c user.name=suite -c user.email=suite@example.com'
    await this.shell(`git add ${SOURCES.join(' ')} && git ${me} commit --quiet --message '${message}'`)
  }

  /** Runs commands in it, and gives what they print; rejects with that when one fails. */
  async shell(commands: string): Promise<string> {
    const options = { cwd: this.folder, env: this.#environment, maxBuffer: 2 ** 26 }
    const { stdout, stderr } = await promisify(execFile)('bash', ['-euc', commands], options)
    return stdout + stderr
  }
}
