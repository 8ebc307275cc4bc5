import * as z from 'zod'

import { textReadBy } from '../../../functions/shared/runtime/text-read-by.ts'
import { parseTradingHours } from '../../../functions/shared/runtime/trading-hours.ts'
import { onOff, textOrObject } from '../field-types.ts'

/** How a deployment is released and watched. */
export const operationSettings = {
  /**
   * AWS: refuses to delete stack and database, and keeps streams, tables and bucket when the stack is deleted.
   * @default off; on in `prod`
   */
  deletionProtection: onOff().default('off'),
  /**
   * AWS: new code gets a tenth of the invocations for five minutes and is rolled back when its function is in
   * alarm.
   * @default off; on in `prod`
   */
  canary: onOff().default('off'),
  /**
   * AWS: traces in X-Ray: the first invocation of each second and 5 % of the others.
   * @default on; off in `dev`
   */
  tracing: onOff().default('on'),
  /**
   * AWS: address that gets the alarms, after its owner has confirmed a mail of AWS.
   * @default none: alarms show in the console only
   */
  alarmEmail: z.email('allowed is one e-mail address').optional(),
  /**
   * When trades are expected: the calendar of an exchange (`XNYS`, `XNAS`, `CMES`, `XLON`, `XETR`, `XNSE`, `FX`, `24/7`), or hours
   * as `America/New_York 09:30-16:00`, with days, holidays and early closes where needed (docs/calendars.md). `always` for venues
   * that never close; `off` for no alarm on missing trades. By symbol as `{"ES*,NQ*":"CMES","*":"XNYS"}`; of several that
   * fit, the first. Outside the hours `/v1/health` is `closed` rather than `unhealthy`.
   * @default off; always in `prod`
   */
  tradingHours: textOrObject().pipe(textReadBy(parseTradingHours)).default('off'),
}
