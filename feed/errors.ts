/** Base of every error that the feed throws. */
export class FeedError extends Error {
  override name = 'FeedError'
}

/** What can be wrong with a file of trades as a whole; a bad row is not an error but a `bad-row`. */
export type TradeFileProblem =
  | 'missing'
  | 'unreadable'
  | 'not-a-file'
  | 'empty'
  | 'not-compressed'
  | 'damaged'
  /** It is a file of another kind, or no format fits it. */
  | 'unknown-format'
  /** It is a table of something else, such as bars. */
  | 'no-trades'
  /** A column is missing, or several may be it. */
  | 'columns'
  /** Nothing says which symbol its trades are of. */
  | 'no-symbol'

/** A file of trades that cannot be read, or not to its end. */
export class TradeFileError extends FeedError {
  override name = 'TradeFileError'
  readonly problem: TradeFileProblem
  readonly file: string
  /** The line or record at which reading ended, from 1; undefined when none was read. */
  readonly line: number | undefined

  constructor(
    problem: TradeFileProblem,
    message: string,
    options: { readonly file: string; readonly line?: number | undefined; readonly cause?: unknown },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.problem = problem
    this.file = options.file
    this.line = options.line
  }
}

/** An option with an invalid value. */
export class InvalidOptionError extends FeedError {
  override name = 'InvalidOptionError'
  readonly option: string

  constructor(option: string, value: unknown, expected: string) {
    super(`The option ${option} is ${String(value)}; give ${expected}.`)
    this.option = option
  }
}

/** Base of the errors of publishing; names the stream. */
export class PublishError extends FeedError {
  override name = 'PublishError'
  readonly stream: string

  constructor(stream: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.stream = stream
  }
}

/** The stream refused a put for a reason that a retry cannot fix. The publisher has stopped. */
export class StreamRefusedError extends PublishError {
  override name = 'StreamRefusedError'
  /** The service's own name for it: `ResourceNotFoundException`, `AccessDeniedException`, ... */
  readonly code: string

  constructor(stream: string, code: string, message: string) {
    super(stream, `The stream ${stream} refused the ticks: ${code}: ${message} ${adviceFor(code)}`)
    this.code = code
  }
}

/** One tick is larger than Kinesis accepts. It was not published; the publisher continues. */
export class TickTooLargeError extends PublishError {
  override name = 'TickTooLargeError'

  constructor(
    stream: string,
    options: { readonly symbol: string; readonly bytes: number; readonly limit: number },
  ) {
    super(
      stream,
      `A tick of ${JSON.stringify(options.symbol.slice(0, 64))} makes a record of ${options.bytes} bytes, ` +
        `and Kinesis takes ${options.limit} with its partition key: leave this tick out. ` +
        `It was not put on the stream ${stream}.`,
    )
  }
}

/** A tick was published after `close()`. */
export class PublisherClosedError extends PublishError {
  override name = 'PublisherClosedError'

  constructor(stream: string) {
    super(
      stream,
      `The publisher for the stream ${stream} is closed: publish before close(), or create another.`,
    )
  }
}

function adviceFor(code: string): string {
  if (code === 'ResourceNotFoundException') {
    return 'Deploy the stream first, and check its name, the region and the AWS_ENDPOINT_URL* variables.'
  }
  if (code === 'CredentialsProviderError') {
    return 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (any value does on an emulator), or AWS_PROFILE.'
  }
  if (/ExpiredToken|UnrecognizedClient|InvalidSignature|InvalidClientTokenId/.test(code)) {
    return 'Renew the AWS credentials.'
  }
  if (code.startsWith('KMS')) return "Check the stream's encryption key and who may use it."
  if (/AccessDenied|NotAuthorized/.test(code)) return 'Allow kinesis:PutRecords on it for these credentials.'
  return 'Trying again would not help.'
}

/** What an error says. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Whoever takes the rows of a file wants no more of them. */
export class StopReading extends Error {
  override readonly name: string = 'StopReading'
}
