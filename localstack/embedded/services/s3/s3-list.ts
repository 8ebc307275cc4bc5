import type { ObjectSummary, S3Store } from './s3-store.ts'
import { element, xml } from '../../http/xml.ts'

/** Answers ListObjectsV2: prefix, delimiter, start-after, max-keys and continuation. */
export async function listObjects(store: S3Store, bucket: string, query: URLSearchParams): Promise<string> {
  const prefix = query.get('prefix') ?? ''
  const delimiter = query.get('delimiter') ?? ''
  const limit = Math.min(Number(query.get('max-keys') ?? 1000), 1000)
  const token = query.get('continuation-token')
  const after = token === null ? (query.get('start-after') ?? '') : Buffer.from(token, 'base64url').toString()
  const groups = group(await store.keys(bucket, prefix), { prefix, delimiter })
  const left = groups.filter(({ last }) => Buffer.compare(Buffer.from(last), Buffer.from(after)) > 0)
  const page = left.slice(0, limit)
  const next = page.at(-1)
  const isTruncated = left.length > page.length && next !== undefined
  const summaries = await Promise.all(
    page.flatMap(({ key }) => (key === undefined ? [] : [store.head(bucket, key)])),
  )
  const encode = query.get('encoding-type') === 'url' ? encodeURIComponent : String
  return xml(
    element('ListBucketResult', [
      element('Name', bucket),
      element('Prefix', encode(prefix)),
      element('KeyCount', page.length),
      element('MaxKeys', limit),
      element('IsTruncated', isTruncated),
      query.has('encoding-type') ? element('EncodingType', 'url') : '',
      isTruncated ? element('NextContinuationToken', Buffer.from(next.last).toString('base64url')) : '',
      ...summaries.map((summary) => (summary === undefined ? '' : contents(summary, encode))),
      ...page.flatMap(({ common }) =>
        common === undefined ? [] : [element('CommonPrefixes', [element('Prefix', encode(common))])],
      ),
    ]),
  )
}

function contents({ key, size, etag, modifiedAt }: ObjectSummary, encode: (key: string) => string): string {
  return element('Contents', [
    element('Key', encode(key)),
    element('LastModified', modifiedAt.toISOString()),
    element('ETag', etag),
    element('Size', size),
    element('StorageClass', 'STANDARD'),
  ])
}

/** A line of the listing: an object, or all objects up to `last` that share a prefix up to the delimiter. */
type Group = { readonly key?: string; readonly common?: string; readonly last: string }

function group(
  keys: readonly string[],
  { prefix, delimiter }: { readonly prefix: string; readonly delimiter: string },
): readonly Group[] {
  const groups = new Map<string, Group>()
  for (const key of keys) {
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length)
    if (end < 0) groups.set(`key ${key}`, { key, last: key })
    else {
      const common = key.slice(0, end + delimiter.length)
      groups.set(`common ${common}`, { common, last: key })
    }
  }
  return [...groups.values()]
}
