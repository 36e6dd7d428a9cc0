/**
 * A witness as an operator names it: the verifier key that is pinned, and where it is asked. Written `<verifier key> <URL>`, in the order of
 * https://c2sp.org/tlog-policy; who only checks what is there needs no URL.
 */
import { Fault } from "../base/fault.ts"
import { parseVerifierKey, type VerifierKey } from "./checkpoint.ts"

/** Whether what a witness says accuses the ledger, whatever the reason is: it cosigned more than there is, or something else. */
export function isDisagreement(state: string | null): boolean {
  return state === "is ahead" || state === "saw another history"
}

export type PinnedWitness = {
  readonly key: VerifierKey
  /** Prefix of the paths of its protocol, without a slash at its end. */
  readonly url: string | undefined
}

/** @throws {Fault} `cli.usage` */
export function parseWitness(text: string): PinnedWitness {
  const [keyText = "", url, ...rest] = text.trim().split(/\s+/)
  if (rest.length > 0) throw new Fault("cli.usage", { problem: 'A witness is written as "KEY URL".' })
  return { key: parseVerifierKey(keyText, "witness"), url: url === undefined ? undefined : parsePrefix(url) }
}

/** What names a witness in tables and words: its key without the key. */
export function witnessId({ name, keyHash }: Pick<VerifierKey, "name" | "keyHash">): string {
  return `${name}+${keyHash.toString("hex")}`
}

function parsePrefix(text: string): string {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash) {
    throw new Fault("cli.usage", { problem: `"${text}" is not the URL of a witness: http or https, a host, perhaps a path, and nothing else.` })
  }
  return url.href.replace(/\/+$/, "")
}
