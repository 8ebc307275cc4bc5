import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { join } from 'node:path'
import { TLSSocket } from 'node:tls'

const CERTIFICATES = join(import.meta.dirname, '../functions/shared/postgres/certificates')

/** The file of the authority that has signed `ours` (for localhost) and `elsewhere`, and not `forged`. */
export const AUTHORITY = join(CERTIFICATES, 'authority.pem')

let server: Server | undefined

/** Ends the server that was started last. */
export function stopTlsServer(): void {
  server?.close()
}

/** A server that begins TLS as Postgres does, and hangs up when the client has trusted it. */
export async function startTlsServer(certificate: string): Promise<number> {
  const pem = readFileSync(join(CERTIFICATES, `${certificate}.pem`))
  const listening = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => {
      socket.write('S')
      const secure = new TLSSocket(socket, { isServer: true, key: pem, cert: pem })
      secure.on('error', () => undefined)
      secure.once('data', () => secure.destroy())
    })
  })
  server = listening
  listening.listen(0, 'localhost')
  await once(listening, 'listening')
  return portOf(listening.address())
}

function portOf(address: string | AddressInfo | null): number {
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return address.port
}
