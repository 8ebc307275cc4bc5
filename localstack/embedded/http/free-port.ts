import { once } from 'node:events'
import { createServer } from 'node:net'

/** A port of a host that nothing listens on, at this moment. */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  const probe = createServer().listen(0, host)
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address !== null && typeof address === 'object') return address.port
  throw new Error('the system gave no free port')
}
