/** What settings and flags say of anchors, made into those who are asked. */
import { readFileSync, statSync } from "node:fs"
import { Fault } from "../../base/fault.ts"
import { parseTimeStampAuthority, type TimeStampAuthority } from "../../format/time-stamp-authority.ts"
import { certificatesIn } from "../../verify/certificate-path.ts"
import type { PinnedAuthority } from "../../verify/time-stamp.ts"
import type { AnchorService, Exchange } from "./anchor-service.ts"
import type { AnchorRules } from "./anchoring.ts"
import { digitalEvidence, type EvidenceAccount } from "./digital-evidence.ts"
import { evidenceAccount, evidenceUrl, type EvidenceAccountParts, type EvidenceSettings } from "./evidence-settings.ts"
import { timeStamping } from "./time-stamping.ts"

/** As a client tells them. */
export type AnchorSettings = {
  /** Each "URL [POLICY] FILE". */
  readonly timestampAuthorities: readonly string[]
  readonly evidence?: EvidenceSettings | undefined
  readonly rules: Partial<AnchorRules>
}

export type AnchorParts = EvidenceAccountParts & {
  readonly exchange: Exchange
  readonly nowMs: () => number
  /** Where Digital Evidence is asked in tests. */
  readonly testUrl: string | undefined
}

const largestFileBytes = 1 << 18

/** Those of the flags, which no settings take away, and those of settings. What is none is passed over: it was refused where it was written. */
export function anchorServices(fixed: readonly TimeStampAuthority[], settings: AnchorSettings | undefined, parts: AnchorParts): readonly AnchorService[] {
  const named = [...fixed, ...(settings?.timestampAuthorities ?? []).flatMap(authorityNamed)]
  const stamping = named.map((authority) => timeStamping(authority, { ...parts, pinned: readCertificates }))
  return settings?.evidence ? [...stamping, evidence(settings.evidence, parts)] : stamping
}

function evidence(settings: EvidenceSettings, parts: AnchorParts): AnchorService {
  const url = evidenceUrl(settings.place, parts.testUrl)
  const noUrl = "DE_TEST_URL names no address on this machine"
  let known: EvidenceAccount | undefined
  const account = async () => {
    if (known || url === undefined) return known ?? noUrl
    const read = await evidenceAccount(url, settings, parts)
    if (typeof read !== "string") known = read
    return read
  }
  return digitalEvidence(url ?? "test", { ...parts, account })
}

/** The certificates of a PEM file; undefined for what is no file, too large, or holds none. */
export function readCertificates(file: string): PinnedAuthority["certificates"] | undefined {
  try {
    // A pipe or a device would keep the writer waiting.
    const stat = statSync(file)
    return stat.isFile() && stat.size <= largestFileBytes ? certificatesIn(readFileSync(file, "utf8")) : undefined
  } catch {
    return undefined
  }
}

function authorityNamed(text: string): readonly TimeStampAuthority[] {
  try {
    return [parseTimeStampAuthority(text)]
  } catch (error) {
    if (error instanceof Fault) return []
    throw error
  }
}
