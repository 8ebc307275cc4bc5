import type { Update } from '../updates.ts'
import { ALPACA } from './alpaca.ts'
import { type Codec, JSON_CODEC, MSGPACK_CODEC } from './codec.ts'
import { MARKETS, massive } from './massive.ts'
import type { Protocol } from './protocol.ts'

/** How a client is spoken to. */
export type Format = {
  readonly protocol: Protocol
  readonly isBinary: boolean
  readonly read: Codec['read']
  /** A frame of messages. */
  readonly write: (messages: readonly object[]) => Buffer
  /** A frame of updates; of an update that goes to many clients, the same bytes. */
  readonly writeUpdates: (updates: readonly Update[]) => Buffer
}

const ALPACA_JSON = formatOf(ALPACA, JSON_CODEC)
const ALPACA_MSGPACK = formatOf(ALPACA, MSGPACK_CODEC)
const MASSIVE: ReadonlyMap<string, Format> = new Map(
  Object.entries(MARKETS).map(([name, market]) => [`/${name}`, formatOf(massive(market), JSON_CODEC)]),
)

const OF_ALPACA = /^\/(v2\/\w+|v1beta3\/crypto\/[\w-]+)$/

/**
 * How a client is spoken to that connects to a path; undefined if there is no such stream.
 *
 * @param contentType of the handshake, by which Alpaca decides
 */
export function findFormat(path: string, contentType: string | undefined): Format | undefined {
  if (!OF_ALPACA.test(path)) return MASSIVE.get(path)
  return contentType === 'application/msgpack' ? ALPACA_MSGPACK : ALPACA_JSON
}

function formatOf(protocol: Protocol, codec: Codec): Format {
  const written = new WeakMap<Update, Buffer>()
  return {
    protocol,
    isBinary: codec.name === 'msgpack',
    read: codec.read,
    write: (messages) => codec.list(messages.map(codec.write)),
    writeUpdates: (updates) =>
      codec.list(
        updates.map((update) => {
          const bytes = written.get(update) ?? codec.write(protocol.update(update, codec))
          written.set(update, bytes)
          return bytes
        }),
      ),
  }
}
