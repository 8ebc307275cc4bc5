import { StopReading, TradeFileError } from '../errors.ts'

/** Why a file cannot be opened. */
export function unopenable(file: string, error: unknown): TradeFileError {
  if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR')
    return new TradeFileError('missing', `${file} does not exist: check the path.`, { file, cause: error })
  return unreadable(file, undefined, error)
}

/** What went wrong while a file was read, in words for its reader. */
export function explained(
  error: unknown,
  {
    label,
    compression,
    line,
  }: {
    readonly label: string
    readonly compression?: string | undefined
    readonly line?: number | undefined
  },
): Error {
  if (error instanceof TradeFileError || error instanceof StopReading) return error
  if (compression !== undefined && !isOfDisk(error)) {
    const where = line === undefined ? label : `${label}, after line ${line}`
    return new TradeFileError(
      'damaged',
      `${where}: the ${compression} data is damaged or cut short (${String(error)}): fetch or make the file anew.`,
      { file: label, line, cause: error },
    )
  }
  return unreadable(label, line, error)
}

function unreadable(label: string, line: number | undefined, error: unknown): TradeFileError {
  const where = line === undefined ? label : `${label}, after line ${line}`
  const advice = isOfDisk(error) ? 'check the file and its permissions' : 'fetch or make the file anew'
  return new TradeFileError('unreadable', `${where}: cannot be read (${String(error)}): ${advice}.`, {
    file: label,
    line,
    cause: error,
  })
}

/** Errors of the operating system, as against those of what is in the file. */
function isOfDisk(error: unknown): boolean {
  return /^E[A-Z]+$/.test(codeOf(error) ?? '')
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
