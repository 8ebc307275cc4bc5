import { randomUUID } from 'node:crypto'
import { objectBody } from './aws-chunked.ts'
import { codeOf } from '../../errors.ts'
import type { Refusal } from '../../http/answer.ts'
import type { HttpHandler, HttpRequest, HttpResponse } from '../../http/message.ts'
import { ServiceError } from '../../http/json-service.ts'
import type { EndpointAccess } from '../../service.ts'
import { s3AccessOf } from './access.ts'
import { listObjects } from './s3-list.ts'
import { rangeOf } from './s3-range.ts'
import { answerMultipart, isMultipart } from './s3-multipart.ts'
import { refuseExpired } from './s3-presigned.ts'
import type { ObjectSummary, S3Store } from './s3-store.ts'
import type { S3Uploads } from './s3-uploads.ts'
import { element, texts, xml } from '../../http/xml.ts'

/**
 * The part of S3's REST API that applications use: PutObject, GetObject, HeadObject, DeleteObject, DeleteObjects, uploads in
 * parts, ListObjectsV2, HeadBucket, ListBuckets, presigned requests; path-style, and virtual-host style for any host below `localhost`.
 * Whatever else a request asks for is answered with NotImplemented.
 */
export function s3Api(store: S3Store, uploads: S3Uploads): HttpHandler {
  return async (request) => {
    try {
      const { bucket, key } = addressOf(request)
      refuseUnknown(request)
      refuseExpired(request.query)
      if (bucket === '') return ok(listBuckets(store))
      if (!store.hasBucket(bucket)) {
        throw new ServiceError('NoSuchBucket', `There is no bucket ${bucket}.`, { status: 404 })
      }
      return key === ''
        ? await onBucket(store, bucket, request)
        : await onObject({ store, uploads }, { bucket, key }, request)
    } catch (error) {
      if (error instanceof ServiceError) return failed(error)
      throw error
    }
  }
}

/** What a request needs by IAM, and how S3 says that it is not allowed. */
export const s3Access: EndpointAccess = {
  needed: (request) => s3AccessOf(request, addressOf(request)),
  deny: (message) => failed(new ServiceError('AccessDenied', message, { status: 403 })),
}

/**
 * Objects are held in memory while they are written. AWS takes 5 GiB in one request, and recommends several from
 * 100 MiB on.
 */
export const s3Limits = {
  maxBodyBytes: 100 * 1024 * 1024,
  refuse: ({ status, message }: Refusal): HttpResponse =>
    failed(new ServiceError(refusals[status], message, { status })),
} as const

const refusals = { 400: 'InvalidURI', 408: 'RequestTimeout', 413: 'EntityTooLarge' } as const

function addressOf({ path, headers }: HttpRequest): { readonly bucket: string; readonly key: string } {
  const decoded = decodeURIComponent(path)
  const virtual = /^(?<bucket>[^:]+?)\.(?:s3\.)?localhost(?::\d+)?$/.exec(headers.host ?? '')
  const bucket = virtual?.groups?.['bucket']
  if (bucket !== undefined && bucket !== 's3') return { bucket, key: decoded.slice(1) }
  const end = decoded.indexOf('/', 1)
  if (end < 0) return { bucket: decoded.slice(1), key: '' }
  return { bucket: decoded.slice(1, end), key: decoded.slice(end + 1) }
}

/** Query parameters that need no handling, or are handled below. */
const knownQuery =
  /^(x-id|list-type|prefix|delimiter|start-after|max-keys|continuation-token|encoding-type|fetch-owner|delete|uploads|uploadId|partNumber|x-amz-.*)$/i

function refuseUnknown({ query, headers }: HttpRequest): void {
  const unknown = [...query.keys()].find((name) => !knownQuery.test(name))
  const header = ['x-amz-copy-source', 'if-match'].find((name) => headers[name] !== undefined)
  const what = unknown ?? header
  if (what === undefined) return
  throw new ServiceError('NotImplemented', `${what} is not implemented by this S3.`, { status: 501 })
}

async function onBucket(store: S3Store, bucket: string, request: HttpRequest): Promise<HttpResponse> {
  if (request.method === 'HEAD') return ok('')
  if (request.method === 'GET') return ok(await listObjects(store, bucket, request.query))
  if (request.method === 'POST' && request.query.has('delete')) {
    const keys = texts(request.body.toString(), 'Key')
    await Promise.all(keys.map((key) => store.delete(bucket, key)))
    return ok(
      xml(
        element(
          'DeleteResult',
          keys.map((key) => element('Deleted', [element('Key', key)])),
        ),
      ),
    )
  }
  throw new ServiceError('NotImplemented', `${request.method} on a bucket is not implemented.`, {
    status: 501,
  })
}

type Address = { readonly bucket: string; readonly key: string }

async function onObject(
  { store, uploads }: { readonly store: S3Store; readonly uploads: S3Uploads },
  { bucket, key }: Address,
  request: HttpRequest,
): Promise<HttpResponse> {
  if (isMultipart(request)) {
    const given = { request, headers: keptHeaders(request) }
    const { status, etag, body } = await answerMultipart(uploads, { bucket, key }, given)
    const headers = { ...common(), ...(etag !== undefined && { etag }) }
    return body === undefined ? { status, headers } : ok(body)
  }
  switch (request.method) {
    case 'PUT': {
      if (request.headers['if-none-match'] === '*' && (await store.head(bucket, key)) !== undefined) {
        throw new ServiceError('PreconditionFailed', `${key} exists.`, { status: 412 })
      }
      const etag = await store.put(bucket, key, {
        content: objectBody(request),
        headers: keptHeaders(request),
      })
      return { status: 200, headers: { ...common(), etag } }
    }
    case 'HEAD':
      return { status: 200, headers: objectHeaders(await existing(store, { bucket, key })) }
    case 'GET':
      return await get(store, { bucket, key }, request.headers['range'])
    case 'DELETE':
      await store.delete(bucket, key)
      return { status: 204, headers: common() }
    default:
      throw new ServiceError('MethodNotAllowed', `${request.method} on an object.`, { status: 405 })
  }
}

async function existing(store: S3Store, { bucket, key }: Address): Promise<ObjectSummary> {
  const summary = await store.head(bucket, key)
  if (summary === undefined)
    throw new ServiceError('NoSuchKey', `There is no object ${key}.`, { status: 404 })
  return summary
}

async function get(store: S3Store, address: Address, wanted: string | undefined): Promise<HttpResponse> {
  const summary = await existing(store, address)
  try {
    const range = rangeOf(wanted, summary.size)
    if (range === 'none')
      throw new ServiceError('InvalidRange', `${wanted} of ${summary.size} bytes.`, { status: 416 })
    const { first, last } = range ?? { first: 0, last: summary.size - 1 }
    const found = await store.read(address.bucket, address.key, { first, last })
    const bytes = Buffer.isBuffer(found) ? found.length : last - first + 1
    const headers = {
      ...objectHeaders(summary),
      'content-length': String(bytes),
      ...(range && { 'content-range': `bytes ${first}-${last}/${summary.size}` }),
    }
    const content = Buffer.isBuffer(found) ? { body: found } : { pieces: found }
    return { status: range === undefined ? 200 : 206, headers, ...content }
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
    throw new ServiceError('NoSuchKey', `There is no object ${address.key}.`, { status: 404 })
  }
}

function objectHeaders({ etag, size, modifiedAt, headers }: ObjectSummary) {
  return {
    ...common(),
    ...headers,
    etag,
    'content-length': String(size),
    'last-modified': modifiedAt.toUTCString(),
  }
}

const keptHeader = /^(content-type|content-disposition|content-language|cache-control|expires|x-amz-meta-.*)$/

function keptHeaders({ headers }: HttpRequest): Readonly<Record<string, string>> {
  const kept = Object.entries(headers).flatMap(([name, value]) =>
    keptHeader.test(name) && typeof value === 'string' ? [[name, value] as const] : [],
  )
  const encodings = (headers['content-encoding'] ?? '').split(',')
  const encoding = encodings.filter((name) => name !== 'aws-chunked').join(',')
  return { ...Object.fromEntries(kept), ...(encoding === '' ? {} : { 'content-encoding': encoding }) }
}

function listBuckets(store: S3Store): string {
  const buckets = store
    .buckets()
    .map(({ name, createdAt }) =>
      element('Bucket', [element('Name', name), element('CreationDate', createdAt.toISOString())]),
    )
  return xml(element('ListAllMyBucketsResult', [element('Buckets', buckets)]))
}

function ok(body: string): HttpResponse {
  return {
    status: 200,
    headers: { ...common(), 'content-type': 'application/xml' },
    body,
  }
}

function failed({ type, message, status }: ServiceError): HttpResponse {
  return {
    status,
    headers: { ...common(), 'content-type': 'application/xml' },
    body: xml(element('Error', [element('Code', type), element('Message', message)])),
  }
}

function common() {
  return { 'x-amz-request-id': randomUUID() }
}
