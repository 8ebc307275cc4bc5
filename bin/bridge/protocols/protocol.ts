import { ALL_SYMBOLS } from '../../../functions/broadcaster/subscriptions.ts'
import { isSymbol } from '../../../functions/domain/trade.ts'
import type { Channels, Selection } from '../channels.ts'
import type { Command, Fault, FaultKind } from '../decide.ts'
import type { Update } from '../updates.ts'
import type { Codec } from './codec.ts'

/** What a client's message has changed. */
type Changed = {
  readonly action: 'subscribe' | 'unsubscribe'
  readonly selection: Selection
  /** All subscriptions now. */
  readonly channels: Channels
}

/** The messages of a vendor's stream. */
export type Protocol = {
  /** @param message as the codec has read it */
  readonly read: (message: unknown) => Command
  readonly connected: readonly object[]
  readonly authenticated: readonly object[]
  readonly changed: (changed: Changed) => readonly object[]
  readonly fault: (fault: Fault) => readonly object[]
  readonly update: (update: Update, codec: Pick<Codec, 'number' | 'time'>) => object
}

const SHOWN = 60

export function invalid(detail: string, kind: FaultKind = 'invalid-message'): Command {
  return { type: 'invalid', fault: { kind, detail } }
}

export function shown(text: string): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}... (${text.length} characters)` : text
}

/** The first of some symbols that none can be; undefined if there is no such. */
export function notSymbol(symbols: readonly string[]): string | undefined {
  return symbols.find((symbol) => symbol !== ALL_SYMBOLS && !isSymbol(symbol))
}
