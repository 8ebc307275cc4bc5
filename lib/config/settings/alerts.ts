import { listOf, onOff } from '../field-types.ts'

/** Rules that send alerts. */
export const alertsSettings = {
  /**
   * The alerter, which judges bars and signals by the rules of operators and sends messages; `off` leaves it out.
   * @default off
   */
  alerts: onOff().default('off'),
  /**
   * Whether webhooks may go to addresses that are not of the public internet, and without TLS.
   * @default off; on in `local`
   */
  alertPrivateAddresses: onOff().default('off'),
  /**
   * A topic of SNS, to which rules with `to: topic` publish; with `alerts`.
   * @default off
   */
  alertTopic: onOff().default('off'),
  /**
   * AWS: addresses that get what is published to the topic as e-mail, with commas between them, each after its owner has confirmed a
   * mail of AWS; with `alertTopic`.
   * @default none
   */
  alertEmails: listOf(
    /^[\w.%+-]+@([a-zA-Z0-9-]+\.)+[a-zA-Z]{2,}$/,
    'allowed are e-mail addresses with commas between them, as desk@example.com,ann@example.com',
  ).optional(),
}
