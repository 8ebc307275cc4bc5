import * as z from 'zod'

import { domain, onOff, wholeNumber } from '../field-types.ts'

const WEB_ACL = 'allowed is none, own, or the ARN of a web ACL of WAF of the scope REGIONAL'

/** The REST API and the WebSocket API. */
export const apiSettings = {
  /**
   * AWS: the domain of the REST API, with TLS 1.2 or later, which its owner lets lead to the output ApiHost.
   * @default one of API Gateway's
   */
  apiDomain: domain().optional(),
  /**
   * AWS: the domain of the WebSocket API, with TLS 1.2 or later, which its owner lets lead to the output WebSocketHost.
   * @default one of API Gateway's
   */
  webSocketDomain: domain().optional(),
  /**
   * AWS: a domain for the streams of Alpaca and Massive, with TLS 1.2 or later, which its owner lets lead to the output BridgeHost:
   * a load balancer, and a Fargate service of bridges behind it. docs/clients.md describes it.
   * @default none: no bridge
   */
  bridgeDomain: domain().optional(),
  /**
   * AWS: bridges that share the clients, 1000 connections each.
   * @default 1
   */
  bridgeCopies: wholeNumber({ min: 1, max: 20 }).default(1),
  /**
   * AWS: the certificate of `apiDomain`, `webSocketDomain` and `bridgeDomain`, in the region of the deployment.
   * @default none
   */
  apiCertificateArn: z
    .string()
    .regex(
      /^arn:aws[\w-]*:acm:[\w-]+:\d{12}:certificate\/[\w-]+$/,
      'allowed is the ARN of a certificate of ACM',
    )
    .optional(),
  /**
   * AWS: the web ACL of WAF before the REST API: `none`, `own` for one of the stack with rules that AWS keeps and a rate by address,
   * or the ARN of one of the scope REGIONAL.
   * @default none; own with `regulated`
   */
  apiWebAcl: z
    .union(
      [
        z.enum(['none', 'own']),
        z.string().regex(/^arn:aws[\w-]*:wafv2:[\w-]+:\d{12}:regional\/webacl\/[\w-]+\/[\w-]+$/, WEB_ACL),
      ],
      WEB_ACL,
    )
    .default('none'),
  /**
   * Instances of the API that may run at once, each with one connection to the database; 0 reserves nothing.
   * @default 0; 10 in `local`; 50 in `prod`
   */
  apiConcurrency: wholeNumber({ min: 0, max: 150 }).default(0),
  /**
   * Requests per second that one API key may make; all keys together ten times that.
   * @default 50
   */
  apiRate: wholeNumber({ min: 1, max: 1000 }).default(50),
  /**
   * Requests that one API key may make at once, above its rate.
   * @default 100
   */
  apiBurst: wholeNumber({ min: 1, max: 500 }).default(100),
  /**
   * Requests that one API key may make in a day, UTC; 0 sets no limit.
   * @default 0
   */
  apiDailyQuota: wholeNumber({ min: 0, max: 100_000_000 }).default(0),
  /**
   * Origins whose pages may call the API from a browser, with commas between them; `*` for all.
   * @default none
   */
  corsOrigins: z
    .string()
    .regex(
      /^(|\*|https?:\/\/[^\s,/]+(,https?:\/\/[^\s,/]+)*)$/,
      'allowed is *, or origins as https://app.example.com with commas between them',
    )
    .default(''),
  /**
   * The WebSocket API and the broadcaster behind it; `off` leaves both out.
   * @default on
   */
  websocket: onOff().default('on'),
  /**
   * The broadcaster reads `ticks` too, and sends prices of the forming bar to the WebSocket clients that ask for them; `off`
   * leaves out the event source mapping and the flag `live-ticks`.
   * @default on; off in `prod`
   */
  liveTicks: onOff().default('on'),
}
