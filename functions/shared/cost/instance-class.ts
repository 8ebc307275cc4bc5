/** What a database instance of RDS has. */
export type InstanceClass = { readonly vcpus: number; readonly memoryGib: number }

/** Of a class on Graviton without the prefix `db.`, as `m7g.large`; its sizes are those of EC2. */
export function readInstanceClass(name: string): InstanceClass {
  const [family = '', size = ''] = name.split('.')
  const burstable = BURSTABLE.get(size)
  if (family === 't4g' && burstable !== undefined) return { vcpus: 2, memoryGib: burstable }
  const [, times] = /^(\d*)xlarge$/.exec(size) ?? []
  const vcpus = times === undefined ? 2 : 4 * Number(times || 1)
  return { vcpus, memoryGib: vcpus * gibOfVcpu(family) }
}

/** GiB of the sizes of `t4g` below xlarge, all with two vCPUs. */
const BURSTABLE: ReadonlyMap<string, number> = new Map([
  ['micro', 1],
  ['small', 2],
  ['medium', 4],
  ['large', 8],
])

function gibOfVcpu(family: string): number {
  if (family.startsWith('x')) return 16
  return family.startsWith('r') ? 8 : 4
}
