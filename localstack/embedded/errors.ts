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

/** The runtime cannot start: a port or a data folder is in use, or what is kept cannot be read. */
export class StartError extends EmbeddedRuntimeError {
  override readonly name: string = 'StartError'
}

/** What is kept cannot be used as it is: damaged, incomplete or of another version. Nothing was changed. */
export class DamagedError extends StartError {
  override readonly name = 'DamagedError'

  /** `problem` goes on where the path ends: `is damaged (why)`. */
  constructor(path: string, problem: string, options?: ErrorOptions) {
    super(
      `${oneLine(`${path} ${problem}`)}: restore a copy of it, or start anew with an empty data folder`,
      options,
    )
  }
}

/** A text without line ends and what a terminal cannot show. */
function oneLine(text: string): string {
  return text.replaceAll(/[\s\p{C}\uFFFD]+/gu, ' ')
}

/** The text of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The `code` of a Node.js system error such as `ENOENT`, or undefined. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
