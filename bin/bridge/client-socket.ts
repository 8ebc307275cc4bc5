import type { WebSocket } from 'ws'

type ClientSocketOptions = {
  readonly isBinary: boolean
  /** Between two pings; who has not answered one by the next is gone. Milliseconds. */
  readonly pingMs: number
  /** For a client to receive why its connection ends. Milliseconds. */
  readonly closeMs: number
  readonly onMessage: (data: Buffer) => void
  /** The connection has ended, or is ending. */
  readonly onEnd: () => void
}

/** The connection of a client, which ends once. */
export class ClientSocket {
  readonly #socket: WebSocket
  readonly #options: ClientSocketOptions
  readonly #pinging: NodeJS.Timeout
  #isAlive = true
  #isOver = false

  constructor(socket: WebSocket, options: ClientSocketOptions) {
    this.#socket = socket
    this.#options = options
    socket.on('message', (data: Buffer) => {
      if (!this.#isOver) options.onMessage(data)
    })
    socket.on('pong', () => {
      this.#isAlive = true
    })
    // What is no WebSocket ends the connection by itself.
    socket.on('error', () => undefined)
    socket.once('close', () => this.#end())
    this.#pinging = setInterval(() => this.#ping(), options.pingMs)
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** Bytes that wait to be received. */
  get waiting(): number {
    return this.#socket.bufferedAmount
  }

  send(frame: Buffer): void {
    if (!this.#isOver) this.#socket.send(frame, { binary: this.#options.isBinary })
  }

  /** Reads no more, so that what has been read and not handled is bounded. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  close(code: number, reason: string): void {
    if (this.#isOver) return
    this.#end()
    // The answer to it must be read.
    this.#socket.resume()
    this.#socket.close(code, reason)
    const giveUp = setTimeout(() => this.#socket.terminate(), this.#options.closeMs)
    this.#socket.once('close', () => clearTimeout(giveUp))
  }

  #ping(): void {
    if (!this.#isAlive) return this.#socket.terminate()
    this.#isAlive = false
    this.#socket.ping()
  }

  #end(): void {
    if (this.#isOver) return
    this.#isOver = true
    clearInterval(this.#pinging)
    this.#options.onEnd()
  }
}
