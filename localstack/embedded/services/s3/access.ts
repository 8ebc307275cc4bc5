import type { Access } from '../../access.ts'
import type { HttpRequest } from '../../http/message.ts'
import { texts } from '../../http/xml.ts'

/** The actions of IAM for requests to an object, by method. */
const OBJECT_ACTIONS: Readonly<Record<string, string>> = {
  GET: 's3:GetObject',
  HEAD: 's3:GetObject',
  PUT: 's3:PutObject',
  DELETE: 's3:DeleteObject',
}

/** The same of requests of an upload in parts. */
const UPLOAD_ACTIONS: Readonly<Record<string, string>> = {
  PUT: 's3:PutObject',
  POST: 's3:PutObject',
  DELETE: 's3:AbortMultipartUpload',
}

/** What a request to S3 needs, given the bucket and key that it addresses. */
export function s3AccessOf(
  { method, query, body }: HttpRequest,
  { bucket, key }: { readonly bucket: string; readonly key: string },
): readonly Access[] {
  if (bucket === '') return [{ action: 's3:ListAllMyBuckets', resource: '*' }]
  const arn = `arn:aws:s3:::${bucket}`
  if (key !== '') {
    const ofUpload = query.has('uploads') || query.has('uploadId') ? UPLOAD_ACTIONS[method] : undefined
    const action = ofUpload ?? OBJECT_ACTIONS[method]
    return action === undefined ? [] : [{ action, resource: `${arn}/${key}` }]
  }
  if (method === 'POST' && query.has('delete'))
    return texts(body.toString(), 'Key').map((each) => ({
      action: 's3:DeleteObject',
      resource: `${arn}/${each}`,
    }))
  const conditions = {
    's3:prefix': query.get('prefix') ?? '',
    ...(query.has('delimiter') && { 's3:delimiter': query.get('delimiter') ?? '' }),
  }
  return [{ action: 's3:ListBucket', resource: arn, ...(method === 'GET' && { conditions }) }]
}
