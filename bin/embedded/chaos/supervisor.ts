import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { UsageError } from '../../terminal/errors.ts'
import type { OwnDisk } from './own-disk.ts'
import type { Action } from './plan.ts'
import {
  type Command,
  type Message,
  messageSchema,
  type SentBar,
  sentBarsSchema,
  type Started,
  type StreamJump,
  streamJumpSchema,
} from './protocol.ts'

const SCRIPT = fileURLToPath(new URL('./deployment-process.ts', import.meta.url))

/** The process of a deployment did not do what it was told. */
class DeploymentProcessError extends UsageError {
  override readonly name = 'DeploymentProcessError'
}

/** Starts the process of a deployment, kills and freezes it, and starts it again with the same data and ports. */
export class Supervisor {
  readonly #data: string
  readonly #disk: OwnDisk | undefined
  #child: ChildProcess | undefined
  #started: Started | undefined
  readonly #streamJumps: StreamJump[] = []
  /** The last that the process has written to its standard error. */
  #said = ''

  /** @param disk that of the data, which can be filled; undefined where it has none of its own */
  constructor(data: string, disk?: OwnDisk) {
    this.#data = data
    this.#disk = disk
  }

  /** Of the process that runs now. */
  get pid(): number {
    const pid = this.#child?.pid
    if (pid === undefined) throw new DeploymentProcessError('it is not running')
    return pid
  }

  async start(): Promise<Started> {
    const { endpoint, databasePort } = this.#started ?? {}
    const port = endpoint === undefined ? '0' : new URL(endpoint).port
    const child = fork(SCRIPT, [this.#data, port, String(databasePort ?? 0)], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#said = (this.#said + chunk.toString()).slice(-2000)
    })
    this.#child = child
    const message = await this.#hear(child)
    if (message.type !== 'started') throw new DeploymentProcessError('it began with another message')
    this.#started = message.started
    return message.started
  }

  /** Carries out an action of a plan, to its end. */
  async carryOut(action: Action): Promise<void> {
    if (action.type === 'kill-runtime') {
      await this.#kill()
      await wait(action.forMs)
      await this.start()
    } else if (action.type === 'freeze-runtime') {
      this.#child?.kill('SIGSTOP')
      await wait(action.forMs)
      this.#child?.kill('SIGCONT')
    } else if (action.type === 'fill-disk') await this.#fillDisk(action.forMs)
    else if (action.type === 'jump-stream-clock')
      this.#streamJumps.push(streamJumpSchema.parse(await this.ask(action)))
    else await this.ask(action)
  }

  /** Has the process do something. */
  async ask(command: Command): Promise<unknown> {
    const child = this.#child
    if (child === undefined) throw new DeploymentProcessError('it is not running')
    child.send(command)
    const message = await this.#hear(child)
    if (message.type === 'done') return message.value
    throw new DeploymentProcessError(
      `${command.type} failed: ${message.type === 'failed' ? message.message : message.type}`,
    )
  }

  /** All that was put on the stream `bars`, in the order in which it truly arrived. */
  async sentBars(): Promise<SentBar[]> {
    return sentBarsSchema.parse(await this.ask({ type: 'read-bars', jumps: this.#streamJumps }))
  }

  /** Ends it in an orderly way where it can still be asked to. */
  async stop(): Promise<void> {
    const child = this.#child
    if (child === undefined || this.#hasEnded()) return
    await this.ask({ type: 'stop' })
    const ended = once(child, 'exit')
    child.disconnect()
    await ended
  }

  /** A full disk ends `npm start`: whether the process has ended by itself or not, it is started again once there is space. */
  async #fillDisk(forMs: number): Promise<void> {
    this.#disk?.fill()
    await wait(forMs)
    this.#disk?.empty()
    if (!this.#hasEnded()) await this.#kill()
    await this.start()
  }

  #hasEnded(): boolean {
    return this.#child === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  async #kill(): Promise<void> {
    const child = this.#child
    if (child === undefined) return
    const dead = once(child, 'exit')
    child.kill('SIGKILL')
    await dead
  }

  /** Its next message; rejects when it ends instead, with what it has said about that. */
  async #hear(child: ChildProcess): Promise<Message> {
    const silent = new AbortController()
    try {
      const heard = once(child, 'message', { signal: silent.signal })
      const ended = once(child, 'exit', { signal: silent.signal }).then(() => {
        throw new DeploymentProcessError(`the process of the deployment has ended: ${this.#said.trim()}`)
      })
      const [raw]: unknown[] = await Promise.race([heard, ended])
      return messageSchema.parse(raw)
    } finally {
      silent.abort()
    }
  }
}
