import { statSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { DamagedError } from '../errors.ts'
import type { DurableData, RunningService, Service } from '../service.ts'
import { readState, writeState } from './state-file.ts'

/** Physical ids of what holds data that nothing could make again, by `DurableData.inventory`. */
export type Inventory = Readonly<Record<string, readonly string[]>>

function fileIn(data: string): string {
  return join(data, 'inventory.json')
}

/** What the last start that succeeded had made; undefined where none did. */
export function readInventory(data: string, services: readonly Service[]): Inventory | undefined {
  const names = durableOf(services).map(({ inventory }) => [inventory, z.array(z.string())] as const)
  return readState(fileIn(data), z.object(Object.fromEntries(names)))
}

/** Records what has been made, so that the next start can tell what is lost from what never was. */
export function writeInventory(
  data: string,
  services: readonly Service[],
  resources: readonly { readonly type: string; readonly physicalId: string }[],
): void {
  const idsOf = (types: readonly string[]): readonly string[] =>
    resources.filter(({ type }) => types.includes(type)).map(({ physicalId }) => physicalId)
  const entries = durableOf(services).map(({ inventory, resourceTypes }) => [inventory, idsOf(resourceTypes)])
  writeState(fileIn(data), Object.fromEntries(entries))
}

/** Before anything is opened, since a service would make a missing file anew, empty. Throws a DamagedError. */
export function refuseMissingFiles(made: Inventory, data: string, services: readonly Service[]): void {
  for (const { inventory, file } of durableOf(services)) {
    if ((made[inventory] ?? []).length === 0) continue
    const size = statSync(join(data, file), { throwIfNoEntry: false })?.size
    if (size === undefined) throw new DamagedError(join(data, file), 'is missing')
    if (size === 0) throw new DamagedError(join(data, file), 'is damaged (it is empty)')
  }
}

/** Throws a DamagedError for the first resource that an earlier start made and its service no longer has. */
export async function refuseLosses(
  made: Inventory,
  data: string,
  services: readonly RunningService[],
): Promise<void> {
  for (const { definition, has } of services) {
    const { durableData } = definition
    if (durableData === undefined) continue
    for (const id of made[durableData.inventory] ?? [])
      if ((await has?.(id)) !== true)
        throw new DamagedError(
          join(data, durableData.path),
          `is damaged (it has lost the ${durableData.noun} ${id} that an earlier start made)`,
        )
  }
}

function durableOf(services: readonly Service[]): readonly DurableData[] {
  return services.flatMap(({ durableData }) => durableData ?? [])
}
