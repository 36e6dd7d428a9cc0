/** The anchors of a ledger as its writer has them: those of its flags, and those of settings as clients tell them. */
import type { TimeStampAuthority } from "../../format/time-stamp-authority.ts"
import { subkey } from "../../vault/wrap.ts"
import type { OpenLedger } from "../open-ledger.ts"
import type { Exchange } from "./anchor-service.ts"
import { anchorServices, type AnchorSettings } from "./anchor-settings.ts"
import { Anchoring, type AnchoringOptions } from "./anchoring.ts"

export type LedgerAnchorParts = Omit<AnchoringOptions, "size"> & {
  readonly ledger: OpenLedger
  /** No settings take them away. */
  readonly fixed: readonly TimeStampAuthority[]
  readonly exchange: Exchange
}

export function anchorsOf({
  ledger,
  fixed,
  exchange,
  ...options
}: LedgerAnchorParts): Anchoring & { readonly useSettings: (settings?: AnchorSettings) => void } {
  const anchoring = new Anchoring({ ...options, size: () => ledger.journal.size })
  const parts = {
    ...{ exchange, nowMs: options.nowMs, testUrl: process.env["DE_TEST_URL"], pay: anchoring.pay.bind(anchoring) },
    // Of what stays the same for the life of a ledger, so that all its fingerprints have one signer.
    ownSecret: () => subkey(ledger.scopes.pseudonymKey.export(), "digital-evidence").export(),
  }
  const useSettings = (settings?: AnchorSettings) => anchoring.use(anchorServices(fixed, settings, parts), settings?.rules)
  useSettings()
  return Object.assign(anchoring, { useSettings })
}
