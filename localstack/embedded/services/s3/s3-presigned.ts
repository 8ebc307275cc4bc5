import { ServiceError } from '../../http/json-service.ts'

/** Refuses a request that was signed by its query, once the time of that is over; signatures are not verified. */
export function refuseExpired(query: URLSearchParams, now = Date.now()): void {
  const [signed, seconds] = [query.get('X-Amz-Date'), query.get('X-Amz-Expires')]
  if (signed === null || seconds === null) return
  const [, date = '', time = ''] = /^(\d{8})T(\d{6})Z$/.exec(signed) ?? []
  const at = Date.parse(
    `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}T${time.slice(0, 2)}:${time.slice(2, 4)}:${time.slice(4)}Z`,
  )
  if (now <= at + Number(seconds) * 1000) return
  throw new ServiceError(
    'AccessDenied',
    `Request has expired: it was signed at ${signed} for ${seconds} s.`,
    {
      status: 403,
    },
  )
}
