/** Advice for TLS certificates that are refused, such as those of a private authority. */

const UNTRUSTED =
  "The server's certificate is signed by an unknown authority. Set NODE_EXTRA_CA_CERTS to a file with the authority's certificate (PEM) and restart."
const OTHER_NAME = "The server's certificate is for another host name. Use the host name in the certificate."
const OUT_OF_TIME = "The server's certificate has expired or is not valid yet. Renew it, and check the clock of this machine."
const NO_TLS = 'The server does not use TLS on this port, or uses another version. Check the scheme and the port.'

/** Advice by the error code of Node.js or OpenSSL. */
const ADVICE: Record<string, string> = {
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  CERT_UNTRUSTED: UNTRUSTED,
  INVALID_CA: UNTRUSTED,
  ERR_TLS_CERT_ALTNAME_INVALID: OTHER_NAME,
  HOSTNAME_MISMATCH: OTHER_NAME,
  CERT_HAS_EXPIRED: OUT_OF_TIME,
  CERT_NOT_YET_VALID: OUT_OF_TIME,
  EPROTO: NO_TLS,
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
}

/** Advice for an error or its causes; undefined when it is not about a certificate. */
export function certificateAdvice(error: unknown): string | undefined {
  const { code, cause } = (error ?? {}) as { code?: string; cause?: unknown }
  return (code === undefined ? undefined : ADVICE[code]) ?? (cause === undefined ? undefined : certificateAdvice(cause))
}
