/** Where an object is for some minutes. */
export type LinkSource = {
  /** A link; another one when it is `renewed`, since the one before has expired. */
  readonly linkTo: (want: 'any' | 'renewed') => Promise<string>
  readonly wait: (ms: number) => Promise<void>
}

type Piece = { readonly bytes: Buffer; readonly etag: string | null; readonly size: number }

/** A request for so many bytes. */
const PIECE = 16 * 1024 * 1024
/** A piece is tried so often; the connection may drop, or S3 ask for patience. */
const ATTEMPTS = 5
const FIRST_WAIT_MS = 500

/**
 * The bytes of an object from a place on, with a new link where the one before has expired.
 *
 * @throws Error naming the status, or the fault of the connection, of the last try
 */
export async function downloadPiece(source: LinkSource, at: number): Promise<Piece | 'empty'> {
  let want: 'any' | 'renewed' = 'any'
  for (let attempt = 1; ; attempt++) {
    const tried = await attemptAt(await source.linkTo(want), at)
    if (!(tried instanceof Failure)) return tried
    if (attempt === ATTEMPTS || !tried.mayPass) throw new Error(tried.reason, { cause: tried.cause })
    want = tried.isExpired ? 'renewed' : 'any'
    await source.wait(FIRST_WAIT_MS * 2 ** (attempt - 1))
  }
}

class Failure {
  readonly reason: string
  readonly status: number | undefined
  readonly cause: unknown

  constructor(reason: string, { status, cause }: { readonly status?: number; readonly cause?: unknown }) {
    this.reason = reason
    this.status = status
    this.cause = cause
  }

  /** S3 answers so when a link, or the credentials that signed it, have expired. */
  get isExpired(): boolean {
    return this.status === 403
  }

  /** Without a status the connection has dropped. */
  get mayPass(): boolean {
    return this.isExpired || this.status === undefined || this.status >= 500
  }
}

async function attemptAt(url: string, at: number): Promise<Piece | 'empty' | Failure> {
  try {
    const answer = await fetch(url, { headers: { range: `bytes=${at}-${at + PIECE - 1}` } })
    if (answer.status === 416 && at === 0) return 'empty'
    if (answer.status !== 206) {
      const reason = `the export was answered with ${answer.status}: ${await answer.text()}`
      return new Failure(reason, { status: answer.status })
    }
    return {
      etag: answer.headers.get('etag'),
      size: Number(/\/(\d+)$/.exec(answer.headers.get('content-range') ?? '')?.[1]),
      bytes: Buffer.from(await answer.arrayBuffer()),
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    return new Failure(`the connection dropped at byte ${at} of the export: ${reason}`, { cause })
  }
}
