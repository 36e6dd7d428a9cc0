/** Every kind of evidence, in the order in which a file is tried. A kind is a file of this folder and a line here; nothing else knows it. */
import { bundle } from "./bundle.ts"
import { capProof } from "./cap-proof.ts"
import { checkpoint } from "./checkpoint.ts"
import type { EvidenceKind } from "./evidence.ts"
import { ledgerExport } from "./ledger-export.ts"
import { mapProof } from "./map-proof.ts"
import { proof } from "./proof.ts"
import { records } from "./records.ts"

export const evidenceKinds: readonly EvidenceKind[] = [bundle, mapProof, proof, capProof, ledgerExport, checkpoint, records]
