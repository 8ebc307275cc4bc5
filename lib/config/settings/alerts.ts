import { onOff } from '../field-types.ts'

/** Rules that send alerts. */
export const alertsSettings = {
  /**
   * The alerter, which judges bars and signals by the rules of operators and sends webhooks; `off` leaves it out.
   * @default off
   */
  alerts: onOff().default('off'),
  /**
   * Whether webhooks may go to addresses that are not of the public internet, and without TLS.
   * @default off; on in `local`
   */
  alertPrivateAddresses: onOff().default('off'),
}
