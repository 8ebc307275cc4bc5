import type { Iam } from '../iam/iam.ts'
import type { AsynchronousInvoker } from './asynchronous-invocation.ts'
import type { CodeStore } from './code-store.ts'
import type { FunctionHost } from './function-host.ts'

/** What resources and other services need of Lambda. */
export type Lambda = {
  readonly functions: FunctionHost
  readonly asynchronous: AsynchronousInvoker
  /** A folder with the code of an asset, given its object key, or of inline source text. */
  readonly code: CodeStore['folder']
  /** Starts to load a function that is to be warm, once it is registered; the runtime waits for it before it runs. */
  readonly warm: (name: string) => void
  readonly iam: Iam
  /** Added to the environment of every function, over what its template says. */
  readonly extraEnvironment: Readonly<Record<string, string>>
}
