import { once } from 'node:events'
import { createServer } from 'node:net'

import { loopback } from 'embedded-aws'
import { codeOf, messageOf } from 'embedded-aws/errors'

import { UsageError } from '../terminal/errors.ts'

/**
 * Fails at once when a port is taken that would be bound seconds later.
 *
 * @param ports by what they are for
 * @throws UsageError that names the port
 */
export async function refuseTakenPorts(ports: Readonly<Record<string, number>>): Promise<void> {
  for (const [purpose, port] of Object.entries(ports)) {
    const probe = createServer().listen(port, loopback)
    try {
      await once(probe, 'listening')
    } catch (error) {
      const problem =
        codeOf(error) === 'EADDRINUSE'
          ? 'is in use: stop what listens there, or choose another pair with --port'
          : `cannot be used (${messageOf(error)}): choose another pair with --port`
      throw new UsageError(`port ${port}, for ${purpose}, ${problem}`, { cause: error })
    }
    probe.close()
    await once(probe, 'close')
  }
}
