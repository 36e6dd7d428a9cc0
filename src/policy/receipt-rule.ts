/** What an operator wants of receipts: whether they are issued, by whom, and with which digests. */
import { Fault } from "../base/fault.ts"
import { isIssuer } from "../format/peac/record.ts"

export type ReceiptRule = {
  /** Under whose name: a bare https origin, or a DID; undefined is the ledger's own key (`did:key`). */
  readonly issuer: string | undefined
  /** `keyed`: digests of payloads that only who has the session's salt can compute, which erasure destroys. */
  readonly digests: "plain" | "keyed"
  /** Where each is written as a file, too. */
  readonly directory: string | undefined
}

/** As a client tells it, and as it is on record; null where none are issued. */
export type ReceiptRuleJson = { readonly issuer?: string; readonly digests: "plain" | "keyed"; readonly directory?: string }

const members: ReadonlySet<string> = new Set(["issuer", "digests", "directory"])

/** Undefined when they are off. @throws {Fault} `config.invalid` */
export function parseReceipts(written: unknown): ReceiptRule | undefined {
  const refuse = (problem: string): never => {
    throw new Fault("config.invalid", { setting: "receipts", problem })
  }
  if (written === undefined || written === null || written === false) return undefined
  if (written === true) return { issuer: undefined, digests: "plain", directory: undefined }
  if (typeof written !== "object" || Array.isArray(written)) return refuse('it must be true, or an object such as {"digests": "keyed"}')
  const { issuer, digests = "plain", directory } = written as Readonly<Record<string, unknown>>
  const unknown = Object.keys(written).find((name) => !members.has(name))
  if (unknown !== undefined) return refuse(`it has no ${unknown}; it has ${[...members].join(", ")}`)
  if (issuer !== undefined && !(typeof issuer === "string" && isIssuer(issuer)))
    return refuse("its issuer must be a bare https origin such as https://agents.example.com, or a DID")
  if (digests !== "plain" && digests !== "keyed") return refuse("its digests must be plain or keyed")
  if (directory !== undefined && !(typeof directory === "string" && directory.startsWith("/"))) return refuse("its directory must be an absolute path")
  return { issuer, digests, directory }
}

export function receiptRuleJson({ issuer, digests, directory }: ReceiptRule): ReceiptRuleJson {
  return { digests, ...(issuer === undefined ? {} : { issuer }), ...(directory === undefined ? {} : { directory }) }
}

/** Of settings as they are on record; what is none of it issues none. */
export function receiptRuleOf(told: unknown): ReceiptRule | undefined {
  try {
    return parseReceipts(told)
  } catch {
    return undefined
  }
}
