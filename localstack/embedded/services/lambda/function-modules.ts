import { existsSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** What Lambda's Node.js runtime brings along: a function may import it without bundling it. */
const provided = /^@(aws-sdk|smithy)\//

const bare = /^(?![./]|node:|file:|data:)/

/**
 * Makes modules resolve as below /var/task: a function sees its own asset and the AWS SDK,
 * not packages that happen to be installed in a parent folder of this machine.
 */
export function isolateModules(taskRoot: string): void {
  const root = pathToFileURL(join(taskRoot, '/')).href
  registerHooks({
    resolve: (specifier, context, next) => {
      if (!bare.test(specifier) || context.parentURL?.startsWith(root) !== true)
        return next(specifier, context)
      let failure: unknown
      try {
        const found = next(specifier, context)
        if (!found.url.startsWith('file:') || found.url.startsWith(root)) return found
      } catch (error) {
        failure = error
      }
      if (provided.test(specifier)) return next(specifier, { ...context, parentURL: import.meta.url })
      throw failure ?? notInAsset(specifier, context.parentURL)
    },
  })
}

function notInAsset(specifier: string, parent: string): Error {
  return Object.assign(
    new Error(
      `Cannot find package '${specifier}' imported from ${parent}: it is not in the function's asset`,
    ),
    { code: 'ERR_MODULE_NOT_FOUND' },
  )
}

/** A function's entry point. `parameters` is how many it declares: the third is a callback. */
export type Handler = {
  readonly call: (...args: readonly unknown[]) => unknown
  readonly parameters: number
}

/** Imports what a `Handler` property such as `index.handler` names; throws errors named as Lambda names them. */
export async function loadHandler(taskRoot: string, handler: string): Promise<Handler> {
  const match = /^(?<file>(?:.*\/)?[^./]+)\.(?<path>.+)$/.exec(handler)
  const { file, path } = match?.groups ?? {}
  if (file === undefined || path === undefined) {
    throw named('Runtime.MalformedHandlerName', `Bad handler ${handler}: expected file.export`)
  }
  const source = ['.js', '.mjs', '.cjs'].map((ending) => join(taskRoot, file + ending)).find(existsSync)
  if (source === undefined) throw named('Runtime.ImportModuleError', `Error: Cannot find module '${file}'`)
  const found = path.split('.').reduce(member, await importModule(source))
  if (typeof found !== 'function') {
    throw named('Runtime.HandlerNotFound', `${handler} is undefined or not exported`)
  }
  return { call: (...args) => Reflect.apply(found, undefined, args), parameters: found.length }
}

async function importModule(source: string): Promise<unknown> {
  try {
    const module: unknown = await import(pathToFileURL(source).href)
    return module
  } catch (error) {
    if (error instanceof SyntaxError)
      throw named('Runtime.UserCodeSyntaxError', `SyntaxError: ${error.message}`, error)
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') {
      throw named('Runtime.ImportModuleError', String(error), error)
    }
    throw error
  }
}

/** A CommonJS module has its exports below `default` unless Node.js could tell their names. */
function member(holder: unknown, name: string): unknown {
  if (typeof holder !== 'object' || holder === null) return undefined
  const own: unknown = Reflect.get(holder, name)
  return own ?? (name === 'default' ? undefined : member(Reflect.get(holder, 'default'), name))
}

function named(name: string, message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), { name })
}
