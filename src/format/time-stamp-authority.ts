/**
 * A time-stamp authority as an operator names it: where it is asked, the file with the certificate that is pinned, and the policy if only one will do. Written
 * `<URL> [<policy>] <file>`.
 */
import { Fault } from "../base/fault.ts"

export type TimeStampAuthority = {
  readonly url: string
  /** Dotted, as the authority publishes it. */
  readonly policy: string | undefined
  /** PEM: certificates of the authority's issuer, or its own. */
  readonly certificateFile: string
}

/** @throws {Fault} `cli.usage` */
export function parseTimeStampAuthority(text: string): TimeStampAuthority {
  const [, urlText = "", policy, certificateFile] = /^(\S+)\s+(?:([0-2](?:\.\d+)+)\s+)?(\S.*)$/.exec(text.trim()) ?? []
  if (certificateFile === undefined) throw new Fault("cli.usage", { problem: 'A time-stamp authority is written as "URL FILE" or "URL POLICY FILE".' })
  const url = URL.parse(urlText)
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.hash) {
    throw new Fault("cli.usage", { problem: `"${urlText}" is not the URL of a time-stamp authority: http or https, without a user.` })
  }
  return { url: url.href, policy, certificateFile }
}
