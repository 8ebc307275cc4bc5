import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { GetParameterCommand, ParameterNotFound, SSMClient } from '@aws-sdk/client-ssm'
import * as z from 'zod'

import { type Cdk, createCdk } from './cdk.ts'
import { openDatabase, type SuiteDatabase } from './database.ts'
import { Deployed, namesSchema } from './deployed.ts'
import { type Endpoint, openEndpoint } from './endpoint.ts'
import { inventory } from './inventory.ts'

/** The stack of stage `local`. */
export const STACK = 'TickStock-local'

/** An endpoint, a database beside it, and the way to deploy to them. */
export class System {
  readonly endpoint: Endpoint
  readonly cdk: Cdk
  /** In which what is deployed differs from stage `local` as it is. */
  readonly settings: Readonly<Record<string, string>>
  readonly #database: SuiteDatabase
  readonly #folder: string
  #mayBeDeployed = false
  #present: Deployed | undefined

  private constructor(endpoint: Endpoint, database: SuiteDatabase) {
    this.endpoint = endpoint
    this.#database = database
    this.#folder = mkdtempSync(join(tmpdir(), 'tickstock-suite-'))
    this.settings = endpoint.lacks['WebSocket APIs'] === undefined ? {} : { websocket: 'off' }
    this.cdk = createCdk(endpoint.environment, {
      output: join(this.#folder, 'assembly'),
      context: this.settings,
    })
  }

  /**
   * Opens endpoint and database; nothing is deployed yet.
   *
   * @throws Error when there is a stage `local` already, which is not ours to destroy
   */
  static async open(): Promise<System> {
    const endpoint = await openEndpoint()
    try {
      const [found] = await inventory(endpoint)
      if (found !== undefined)
        throw new Error(
          `there is a stage local at ${endpoint.url} already (${found.kind} ${found.name}); destroy it first`,
        )
      return new System(endpoint, await openDatabase())
    } catch (error) {
      await endpoint.stop()
      throw error
    }
  }

  /** Removes what is still deployed, and ends what was started for the suite. */
  async close(): Promise<void> {
    try {
      if (this.#mayBeDeployed) await this.destroy()
    } finally {
      await this.#database.remove()
      await this.endpoint.stop()
      rmSync(this.#folder, { recursive: true, force: true })
    }
  }

  /** Whether `cdk bootstrap` has been run there, by whomever. */
  async isBootstrapped(): Promise<boolean> {
    const client = new SSMClient(this.endpoint.clientOptions)
    try {
      await client.send(new GetParameterCommand({ Name: '/cdk-bootstrap/hnb659fds/version' }))
      return true
    } catch (error) {
      if (error instanceof ParameterNotFound) return false
      throw error
    }
  }

  /**
   * Deploys the app as into an empty account.
   *
   * @param parameters of the stack, over those of the database
   */
  async deploy(parameters: Readonly<Record<string, string>> = {}): Promise<void> {
    this.#mayBeDeployed = true
    const outputs = join(this.#folder, 'outputs.json')
    const given = Object.entries({ ...this.#database.parameters, ...parameters })
    await this.cdk('bootstrap')
    await this.cdk(
      'deploy',
      '--require-approval',
      'never',
      '--outputs-file',
      outputs,
      ...given.flatMap(([name, value]) => ['--parameters', `${name}=${value}`]),
    )
    const written = z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(outputs, 'utf8')))
    this.#present = new Deployed(this.endpoint, this.#database, namesSchema.parse(written[STACK]))
    await this.#present.leadPosts()
    if (this.endpoint.lacks['custom resources'])
      await this.#present.invoke('tickstock-local-migrator', { type: 'migrate' })
  }

  async destroy(): Promise<void> {
    await this.cdk('destroy', '--force')
    this.#mayBeDeployed = false
  }

  /** What was deployed. */
  get deployed(): Deployed {
    if (this.#present === undefined) throw new Error('stage local is not deployed')
    return this.#present
  }
}
