/** Where Lambda has the certificate authorities of RDS, for Node 20 and later. */
export const RDS_AUTHORITIES = '/var/runtime/ca-cert.pem'
