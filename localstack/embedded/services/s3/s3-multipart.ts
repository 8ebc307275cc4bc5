import type { HttpRequest } from '../../http/message.ts'
import { ServiceError } from '../../http/json-service.ts'
import { element, texts, xml } from '../../http/xml.ts'
import { objectBody } from './aws-chunked.ts'
import type { S3Uploads } from './s3-uploads.ts'

type Address = { readonly bucket: string; readonly key: string }

/** What an operation of an upload in parts answers with. */
type MultipartAnswer = {
  readonly status: 200 | 204
  readonly etag?: string
  readonly body?: string
}

/** Whether a request is one of an upload in parts. */
export function isMultipart({ query }: Pick<HttpRequest, 'query'>): boolean {
  return query.has('uploads') || query.has('uploadId')
}

/** CreateMultipartUpload, UploadPart, CompleteMultipartUpload and AbortMultipartUpload. */
export async function answerMultipart(
  uploads: S3Uploads,
  address: Address,
  { request, headers }: { readonly request: HttpRequest; readonly headers: Readonly<Record<string, string>> },
): Promise<MultipartAnswer> {
  const { method, query, body } = request
  const named = [element('Bucket', address.bucket), element('Key', address.key)]
  if (method === 'POST' && query.has('uploads')) {
    const id = await uploads.create(address, headers)
    return {
      status: 200,
      body: xml(element('InitiateMultipartUploadResult', [...named, element('UploadId', id)])),
    }
  }
  const upload = { ...address, id: query.get('uploadId') ?? '' }
  if (method === 'PUT')
    return {
      status: 200,
      etag: await uploads.put(upload, Number(query.get('partNumber')), objectBody(request)),
    }
  if (method === 'POST') {
    const etag = await uploads.complete(upload, listed(body.toString()))
    return {
      status: 200,
      body: xml(element('CompleteMultipartUploadResult', [...named, element('ETag', etag)])),
    }
  }
  if (method === 'DELETE') {
    await uploads.abort(upload)
    return { status: 204 }
  }
  throw new ServiceError('NotImplemented', `${method} of an upload is not implemented.`, { status: 501 })
}

function listed(document: string) {
  const etags = texts(document, 'ETag')
  return texts(document, 'PartNumber').map((number, index) => ({
    number: Number(number),
    etag: etags[index] ?? '',
  }))
}
