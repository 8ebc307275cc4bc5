// Plain JavaScript for any Node from 20 on: bin/setup.mjs runs before anything is installed.
import { readFileSync, statSync } from 'node:fs'

/**
 * What to do about a folder that this user may not write: whose it is, and how to get write access.
 *
 * @param {string} path
 */
export function ownerHint(path) {
  const [owner, user] = [statSync(path).uid, process.getuid?.() ?? 0]
  if (owner === user) return `${path} is yours, but may not be written: chmod -R u+rwX ${path}`
  const [theirs, ours] = [nameOf(owner), nameOf(user)]
  return `${path} belongs to ${theirs}, and you are ${ours}: change its owner (sudo chown -R ${ours} ${path}), work as ${theirs}, or use a clone of your own`
}

/** @param {number} uid */
function nameOf(uid) {
  if (uid === 0) return 'root'
  try {
    const users = readFileSync('/etc/passwd', 'utf8').split('\n')
    const name = users.map((line) => line.split(':')).find((fields) => fields[2] === String(uid))?.[0]
    return name ?? String(uid)
  } catch {
    return String(uid)
  }
}
