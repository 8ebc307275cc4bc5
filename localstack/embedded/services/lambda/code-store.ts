import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { ResourceError } from '../../errors.ts'
import type { StackContext } from '../../service.ts'
import { makeFolder, removePermissions } from '../../storage/owner-only.ts'

/** The code of functions, apart from the assembly: a new `cdk synth` does not change what is running. */
export type CodeStore = {
  /** A folder with the code of an asset, given its object key, or of inline source text. */
  readonly folder: (code: { readonly assetKey: string } | { readonly source: string }) => string
  /** Deletes what no function has asked for. */
  readonly prune: () => void
}

export function openCodeStore(
  root: string,
  { assets, code: place }: Pick<StackContext, 'assets' | 'code'>,
): CodeStore {
  const used = new Set<string>()
  makeFolder(root)
  // Lambda takes a .js file without a package.json as CommonJS, whatever package the data folder lies in.
  writeFileSync(join(root, 'package.json'), '{}\n')
  const keep = (name: string, fill: (folder: string) => void): string => {
    const folder = resolve(root, name)
    used.add(name)
    if (existsSync(folder)) return folder
    const incoming = `${folder}.incoming`
    rmSync(incoming, { recursive: true, force: true })
    mkdirSync(incoming)
    try {
      fill(incoming)
    } catch (error) {
      // A copy onto a full disk says EIO.
      if (statfsSync(root).bavail > 0) throw error
      throw new ResourceError(`${folder} cannot be written: no space left on device`, { cause: error })
    }
    removePermissions(incoming)
    renameSync(incoming, folder)
    return folder
  }
  return {
    folder: (code) => {
      if ('source' in code) {
        const name = `inline.${createHash('sha256').update(code.source).digest('hex')}`
        return keep(name, (folder) => writeFileSync(join(folder, 'index.js'), code.source))
      }
      const asset = assets.get(code.assetKey)
      if (asset === undefined) throw new ResourceError(`Asset ${code.assetKey} is not in the assembly.`)
      if (!existsSync(asset)) throw new ResourceError(`Asset ${asset} does not exist: run "cdk synth" again.`)
      if (!statSync(asset).isDirectory()) {
        throw new ResourceError(`Asset ${asset} is an archive; only folders are supported.`)
      }
      if (place === 'assembly') return resolve(asset)
      return keep(basename(asset), (folder) => cpSync(asset, folder, { recursive: true, dereference: true }))
    },
    prune: () => {
      for (const name of readdirSync(root)) {
        if (name !== 'package.json' && !used.has(name))
          rmSync(join(root, name), { recursive: true, force: true })
      }
    },
  }
}
