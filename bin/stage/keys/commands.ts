import type { KeyKind } from '../../../functions/shared/access/usage-keys.ts'
import { UsageError } from '../../terminal/errors.ts'
import { table } from '../../terminal/table.ts'
import type { DeployedStage } from '../find-deployment.ts'
import { FIRST, type KeyStore, openKeyStore, type ProgramKey } from './key-store.ts'
import { printLine, printText, warnLine } from '../../terminal/print.ts'

/** Prints the keys: the program's name, when the key was made, and what it is. */
export async function listKeys(deployed: DeployedStage): Promise<number> {
  const keys = await openKeyStore(deployed).list()
  const rows = keys.map((key, index) => {
    const isNewest = keys[index + 1]?.name !== key.name
    const state = key.enabled ? (isNewest ? 'valid' : 'valid, before the last rotation') : 'revoked'
    const may = key.kind === 'operator' ? 'read and operate' : 'read'
    return [key.name, key.id, `${key.createdAt.toISOString().slice(0, 19)}Z`, may, state]
  })
  printText(table(['name', 'id', 'made', 'may', 'state'], rows))
  return 0
}

/** Prints a new key on standard output, by itself. */
export async function createKey(deployed: DeployedStage, name: string, kind: KeyKind): Promise<number> {
  refuseName(name)
  const store = openKeyStore(deployed)
  if (keysOf(await store.list(), name).length > 0)
    throw new UsageError(
      `there is a key ${name} already: npx tickstock keys rotate ${name} makes another for it, or choose another name`,
    )
  printLine(await store.create(name, kind))
  warnLine(`The key of ${name}; it cannot be shown again. Send it in the header x-api-key.`)
  return 0
}

/** Prints another key for a program on standard output, by itself. */
export async function rotateKey(
  deployed: DeployedStage,
  name: string,
  before: 'keep' | 'revoke',
): Promise<number> {
  refuseName(name)
  const store = openKeyStore(deployed)
  const old = keysOf(await store.list(), name)
  if (old.length === 0) throw unknown(name, await store.list())
  printLine(await store.create(name, old.at(-1)?.kind ?? 'reader'))
  if (before === 'revoke') for (const { id } of old) await store.remove(id)
  warnLine(
    `The key of ${name}; it cannot be shown again. ` +
      (before === 'revoke'
        ? 'Those before are refused from now on.'
        : `Those before stay valid until npx tickstock keys revoke ${name} --previous.`),
  )
  return 0
}

/** Revokes the keys of a program. The deployment's own first key is disabled, since CloudFormation would miss it. */
export async function revokeKeys(
  deployed: DeployedStage,
  name: string,
  which: 'all' | 'previous',
): Promise<number> {
  const store = openKeyStore(deployed)
  const all = await store.list()
  const keys = keysOf(all, name)
  if (keys.length === 0) throw unknown(name, all)
  if (name === FIRST && deployed.running !== undefined)
    throw new UsageError(
      'the first key of npm start is the one that it uses itself, for its dashboard: it cannot be revoked; make other keys for programs',
    )
  const revoked = which === 'previous' ? keys.slice(0, -1) : keys
  for (const { id } of revoked) await (name === FIRST ? store.disable(id) : store.remove(id))
  const count = revoked.length === 1 ? 'a key' : `${revoked.length} keys`
  warnLine(`${count} of ${name} revoked${NOTE}`)
  return 0
}

const NOTE = '; on AWS it takes some seconds until it is refused'

function keysOf(keys: Awaited<ReturnType<KeyStore['list']>>, name: string): readonly ProgramKey[] {
  return keys.filter((key) => key.name === name)
}

function unknown(name: string, keys: readonly ProgramKey[]): UsageError {
  const names = [...new Set(keys.map((key) => key.name))].join(', ')
  return new UsageError(`there is no key ${JSON.stringify(name)}; there are: ${names || 'none'}`)
}

function refuseName(name: string): void {
  if (!/^[A-Za-z0-9][\w.-]{0,63}$/.test(name))
    throw new UsageError(
      `a key cannot be named ${JSON.stringify(name)}: allowed are up to 64 letters, digits, . _ and -, a letter or digit first`,
    )
  if (name === FIRST)
    throw new UsageError(
      `${FIRST} is the key that the deployment makes: make one with another name, then revoke ${FIRST}`,
    )
}
