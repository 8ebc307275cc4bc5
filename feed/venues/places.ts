import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

import * as z from 'zod'

import type { Place } from './symbol-line.ts'
import type { TimedPlace } from './timed-feed.ts'

/** How far a symbol is: by an id, or by a time. */
export type AnyPlace = Place | TimedPlace

/** Where a feed ended, by symbol. */
export type Places = {
  read(): ReadonlyMap<string, AnyPlace>
  write(places: ReadonlyMap<string, AnyPlace>): void
}

/** The file of places cannot be read. */
export class PlacesError extends Error {
  override readonly name = 'PlacesError'
}

export const placeSchema = z.union([
  z.object({ id: z.number().int().nonnegative(), timestamp: z.string() }),
  z.object({ keys: z.array(z.string()), timestamp: z.string() }),
])
const schema = z.record(z.string(), placeSchema)

/** Keeps places in a file, which is whole or the one before at any moment. */
export function placesIn(file: string): Places {
  return {
    read: () => {
      const text = textOf(file)
      if (text === undefined) return new Map()
      return new Map(Object.entries(parsed(text, file)))
    },
    write: (places) => {
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(`${file}.new`, JSON.stringify(Object.fromEntries(places)))
      renameSync(`${file}.new`, file)
    },
  }
}

function parsed(text: string, file: string): z.output<typeof schema> {
  try {
    return schema.parse(JSON.parse(text))
  } catch (error) {
    const message = `${file}, which says how far the feed is, is damaged: restore a copy of it, or delete it to go on from now`
    throw new PlacesError(message, { cause: error })
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
