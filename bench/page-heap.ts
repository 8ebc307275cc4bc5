import type { CDPSession } from 'playwright-core'
import * as z from 'zod'

/** What is left of the heap of a page after a collection, in bytes. */
export type PageHeap = {
  /** Compiled code, which grows until all that runs often is optimized. */
  readonly code: number
  /** What the page keeps. */
  readonly objects: number
}

const snapshotSchema = z.object({
  snapshot: z.object({
    meta: z.object({
      node_fields: z.array(z.string()),
      node_types: z.tuple([z.array(z.string())], z.unknown()),
    }),
  }),
  nodes: z.array(z.number()),
})

/** Of the browser itself, such as its list of the requests of the page. */
const NATIVE = 'native'

/** Reads the heap of a page by a snapshot of it. */
export async function readPageHeap(session: CDPSession): Promise<PageHeap> {
  const chunks: string[] = []
  const collect = ({ chunk }: { chunk: string }): void => void chunks.push(chunk)
  await session.send('HeapProfiler.enable')
  await session.send('HeapProfiler.collectGarbage')
  session.on('HeapProfiler.addHeapSnapshotChunk', collect)
  await session.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false })
  session.off('HeapProfiler.addHeapSnapshotChunk', collect)
  const { snapshot, nodes } = snapshotSchema.parse(JSON.parse(chunks.join('')))
  const { node_fields: fields, node_types: types } = snapshot.meta
  const [type, size] = [fields.indexOf('type'), fields.indexOf('self_size')]
  const heap = { code: 0, objects: 0 }
  for (let at = 0; at < nodes.length; at += fields.length) {
    const name = types[0][nodes[at + type] ?? -1]
    if (name !== NATIVE) heap[name === 'code' ? 'code' : 'objects'] += nodes[at + size] ?? 0
  }
  return heap
}
