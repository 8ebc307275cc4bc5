import { InvalidArgumentError, Option } from 'commander'

import { type BarKind, parseBarKind } from '../../functions/domain/other-bars/kind.ts'
import { SIDE_SOURCES, type SideSource } from '../../functions/domain/other-bars/sides.ts'

/** A kind of bars by its name, and what it means. */
export type NamedKind = { readonly name: string; readonly kind: BarKind }

export type OtherBarsOptions = { readonly bars?: NamedKind; readonly side: SideSource }

/** The option that names a kind of bars. */
export function barsOption(flags = '--bars <kind>'): Option {
  const about = 'bars of another kind: tick:500, volume:10.5, renko:0.5 ...; docs/other-bars.md has all'
  return new Option(flags, about).argParser(named)
}

export function sideOption(): Option {
  return new Option('--side <source>', 'where the sides of trades come from; tick-rule guesses them')
    .choices(SIDE_SOURCES)
    .default('venue')
}

function named(name: string): NamedKind {
  const kind = parseBarKind(name)
  if ('fault' in kind) throw new InvalidArgumentError(`${kind.fault}.`)
  return { name, kind }
}
