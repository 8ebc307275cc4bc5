/** A finding of the packs NIST 800-53 and PCI DSS that stands, where, and why; docs/regulated.md lists them. */
export type Exception = {
  /** The rule, without the name of its pack. */
  readonly rule: string
  /** Paths of constructs, without the stack. */
  readonly at: RegExp
  readonly reason: string
}

export const EXCEPTIONS: readonly Exception[] = [
  {
    rule: 'APIGWCacheEnabledAndEncrypted',
    at: /^Api\/Rest\//,
    reason: 'Each answer is of this second; a cache would hold old bars.',
  },
  {
    rule: 'APIGWSSLEnabled',
    at: /^Api\/Rest\//,
    reason: 'A client certificate is for back ends on HTTP; here the back end is Lambda.',
  },
  {
    rule: 'CloudWatchAlarmAction',
    at: /\/Alarm-/,
    reason: 'Alarms of a part share one mail, which their composite alarm sends.',
  },
  {
    rule: 'EC2RestrictedCommonPorts',
    at: /^Database\/Access\//,
    reason: 'The rule cannot read the port of a reference; it is that of the database, to the proxy alone.',
  },
  {
    rule: 'EC2RestrictedSSH',
    at: /^Database\/Access\//,
    reason: 'The rule cannot read the port of a reference; it is that of the database, to the proxy alone.',
  },
  {
    rule: 'ELBDeletionProtectionEnabled',
    at: /^Bridge\/Balancer\//,
    reason: 'The load balancer holds nothing, and a bridge can be removed and come anew.',
  },
  {
    rule: 'ELBLoggingEnabled',
    at: /^Bridge\/Balancer\//,
    reason: 'Its log would hold addresses of clients, and of a connection only that it was one.',
  },
  {
    rule: 'IAMNoInlinePolicy',
    at: /Role|TaskDef|^Custom::|^(VenueFeed|Bridge)\/Task\/|^Page\//,
    reason: 'Each role belongs to one function, and its policy with it: nothing else can take it.',
  },
  {
    rule: 'LambdaConcurrency',
    at: /\/Function\/Resource$|^Custom::/,
    reason: 'Shards bound the consumers of streams; a reservation takes from the account what others need.',
  },
  {
    rule: 'LambdaDLQ',
    at: /\/Function\/Resource$|^Custom::/,
    reason: 'What a stream gives up on is dead-lettered by its event source mapping; a schedule calls again.',
  },
  {
    rule: 'LambdaInsideVPC',
    at: /\/Function\/Resource$|^Custom::/,
    reason: 'Functions that do not connect to the database call AWS alone, by TLS and their role.',
  },
  {
    rule: 'RDSInBackupPlan',
    at: /^Database\/Instance\//,
    reason: 'RDS itself keeps 35 days of backups, to restore to the second.',
  },
  {
    rule: 'RDSLoggingEnabled[LogExport::upgrade]',
    at: /^Database\/Instance\//,
    reason: 'The log of upgrades of the major version, which nothing does by itself, stays on the instance.',
  },
  {
    rule: 'S3BucketLoggingEnabled',
    at: /^(Archive|DeadLetters|Exports|Page\/Files)\//,
    reason: 'Each object names its records; who reads objects, CloudTrail data events tell per account.',
  },
  {
    rule: 'S3BucketReplicationEnabled',
    at: /^(Archive|DeadLetters|Exports|Page\/Files)\//,
    reason: 'Data stays in its region unless backupRegion has a copy of the archive elsewhere.',
  },
  {
    rule: 'S3BucketVersioningEnabled',
    at: /^Page\/Files\//,
    reason: 'The files of the page are built from the repository, and hold no data.',
  },
  {
    rule: 'S3DefaultEncryptionKMS',
    at: /^Page\/Files\//,
    reason: 'The files of the page hold no data; S3 encrypts them with its own key.',
  },
  {
    rule: 'SecretsManagerRotationEnabled',
    at: /^Bridge\/Secret\//,
    reason: 'Its value is that of an API key: a bridge that is deployed anew has another.',
  },
  {
    rule: 'VPCNoUnrestrictedRouteToIGW',
    at: /^(VenueFeed|Bridge)\/Network\//,
    reason: 'Venues and clients are on the internet. venueSubnets and bridgeSubnets put the tasks elsewhere.',
  },
  {
    rule: 'WAFv2LoggingEnabled',
    at: /^Api\/WebAcl$/,
    reason: 'Its logs would hold addresses of clients, which clientAddresses off leaves out; it counts.',
  },
]
