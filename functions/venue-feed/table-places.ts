import { type DynamoDBClient, PutItemCommand, paginateQuery } from '@aws-sdk/client-dynamodb'

import { type AnyPlace, placeSchema, type Places } from '../../feed/venues/places.ts'
import { conditionalPut } from '../shared/dynamodb/conditional-put.ts'

export type TablePlacesOptions = {
  readonly client: DynamoDBClient
  readonly table: string
  readonly venue: string
  /** Takes why places could not be written; they are written again with the next ones. */
  readonly report: (text: string) => void
  readonly now?: () => number
}

/** A write costs per symbol; what is put twice after a stop is a duplicate. */
const WRITE_EVERY_MS = 10_000

/** Another task of the same venue may be further; a place never goes back. */
const IS_FURTHER = 'attribute_not_exists(venue) OR #position < :position'

/** The places of a venue in a table, read once and written every ten seconds. */
export class TablePlaces implements Places {
  readonly #options: TablePlacesOptions
  readonly #read: ReadonlyMap<string, AnyPlace>
  readonly #written = new Map<string, number>()
  #latest: ReadonlyMap<string, AnyPlace> = new Map()
  #writing: Promise<void> | undefined
  #nextAt = 0

  private constructor(options: TablePlacesOptions, read: ReadonlyMap<string, AnyPlace>) {
    this.#options = options
    this.#read = read
    for (const [symbol, place] of read) this.#written.set(symbol, positionOf(place))
  }

  /** Reads the places of a venue. */
  static async open(options: TablePlacesOptions): Promise<TablePlaces> {
    const { client, table, venue } = options
    const found = new Map<string, AnyPlace>()
    const pages = paginateQuery(
      { client },
      {
        TableName: table,
        KeyConditionExpression: 'venue = :venue',
        ExpressionAttributeValues: { ':venue': { S: venue } },
        ConsistentRead: true,
      },
    )
    for await (const { Items = [] } of pages)
      for (const { symbol, place } of Items)
        found.set(symbol?.S ?? '', placeSchema.parse(JSON.parse(place?.S ?? '')))
    return new TablePlaces(options, found)
  }

  read(): ReadonlyMap<string, AnyPlace> {
    return this.#read
  }

  write(places: ReadonlyMap<string, AnyPlace>): void {
    const { now = Date.now } = this.#options
    this.#latest = places
    if (this.#writing !== undefined || now() < this.#nextAt) return
    this.#nextAt = now() + WRITE_EVERY_MS
    this.#writing = this.#writeAll().finally(() => {
      this.#writing = undefined
    })
  }

  /** Resolves when the latest places are in the table, or could not be written. */
  async flush(): Promise<void> {
    await this.#writing
    await this.#writeAll()
  }

  async #writeAll(): Promise<void> {
    const { venue, report } = this.#options
    for (const [symbol, place] of this.#latest)
      try {
        await this.#writeOne(symbol, place)
      } catch (error) {
        report(`${venue}: the place of ${symbol} cannot be written yet: ${String(error)}`)
        return
      }
  }

  async #writeOne(symbol: string, place: AnyPlace): Promise<void> {
    const { client, table, venue } = this.#options
    const position = positionOf(place)
    if (position <= (this.#written.get(symbol) ?? -Infinity)) return
    await conditionalPut(
      client.send(
        new PutItemCommand({
          TableName: table,
          Item: {
            venue: { S: venue },
            symbol: { S: symbol },
            position: { N: String(position) },
            place: { S: JSON.stringify(place) },
          },
          ConditionExpression: IS_FURTHER,
          ExpressionAttributeNames: { '#position': 'position' },
          ExpressionAttributeValues: { ':position': { N: String(position) } },
        }),
      ),
    )
    this.#written.set(symbol, position)
  }
}

/** Grows as a feed goes on. */
function positionOf(place: AnyPlace): number {
  return 'id' in place ? place.id : Number(place.timestamp)
}
