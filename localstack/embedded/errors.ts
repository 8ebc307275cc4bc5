/** Base of every error that the embedded runtime raises on purpose. */
export class EmbeddedRuntimeError extends Error {
  override readonly name: string = 'EmbeddedRuntimeError'
}

/** The cloud assembly is missing, broken or ambiguous. */
export class AssemblyError extends EmbeddedRuntimeError {
  override readonly name = 'AssemblyError'
}

/** The template says something that cannot be resolved: an unknown intrinsic, a missing parameter, a cycle. */
export class TemplateError extends EmbeddedRuntimeError {
  override readonly name = 'TemplateError'
}

/** A resource cannot be run here: its type, a property or its creation. */
export class ResourceError extends EmbeddedRuntimeError {
  override readonly name = 'ResourceError'
}

/** The runtime cannot start: a port or a data folder is in use. */
export class StartError extends EmbeddedRuntimeError {
  override readonly name = 'StartError'
}

/** The text of whatever was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** The `code` of a Node.js system error such as `ENOENT`, or undefined. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
