/** A time-stamp authority (RFC 3161, over HTTP as in its 3.4) as an anchor: asked with the hash of a signed checkpoint, and believed only by the pinned certificate. */
import { randomBytes } from "node:crypto"
import { problemOf } from "../../base/fault.ts"
import { sha256 } from "../../format/sha256.ts"
import { nonceText, timeStampRequest } from "../../format/time-stamp.ts"
import type { TimeStampAuthority } from "../../format/time-stamp-authority.ts"
import { stampFaultWords, type StampFault } from "../../verify/stamp-claims.ts"
import { checkTimeStampAnswer, type PinnedAuthority } from "../../verify/time-stamp.ts"
import type { AnchorService, AnchorWord, Exchange } from "./anchor-service.ts"

export type TimeStampingParts = {
  readonly exchange: Exchange
  readonly nowMs: () => number
  /** The certificates in a file; undefined when it cannot be read. Asked each time, so that a file that was put right is seen. */
  readonly pinned: (file: string) => PinnedAuthority["certificates"] | undefined
}

/** Two clocks may differ by this much, each way. */
const withinMs = 300_000
const nonceBytes = 16

export function timeStamping(authority: TimeStampAuthority, parts: TimeStampingParts): AnchorService {
  const { url, policy, certificateFile } = authority
  const ask: AnchorService["ask"] = async ({ note }, signal) => {
    const certificates = parts.pinned(certificateFile)
    if (!certificates) return { state: "could not be asked", problem: `${certificateFile} is no file of PEM certificates that can be read` }
    const [digest, nonce, askedMs] = [sha256(note), randomBytes(nonceBytes), parts.nowMs()]
    try {
      const headers = { "Content-Type": "application/timestamp-query", Accept: "application/timestamp-reply" }
      const { status, body } = await parts.exchange({ url, method: "POST", headers, body: timeStampRequest(digest, nonce) }, signal)
      if (status !== 200) return { state: "could not be asked", problem: `it answers with status ${status}` }
      const checked = checkTimeStampAnswer(body, { digest, nonce: nonceText(nonce), authority: { certificates, policy } })
      if ("refused" in checked) return { state: "refuses", problem: checked.refused }
      if (!checked.ok) return falseWord(checked.why, checked.detail)
      const { token, atMs, serial } = checked
      if (atMs < askedMs - withinMs || atMs > parts.nowMs() + withinMs) return falseWord("other time", new Date(atMs).toISOString())
      return { state: "anchored", atMs, reference: serial, proof: token }
    } catch (error) {
      return { state: "could not be asked", problem: problemOf(error) }
    }
  }
  return { kind: "rfc3161", authority: url, ask }
}

function falseWord(why: StampFault, detail: string | undefined): AnchorWord {
  return { state: "answers falsely", why, problem: `${stampFaultWords[why]}${detail === undefined ? "" : ` (${detail})`}` }
}
