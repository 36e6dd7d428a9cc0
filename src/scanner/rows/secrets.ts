/** Where a secret may stand; that it is one is told by its shape. */
import { anywhere, type ScanRow } from "../row.ts"

export const secretRows: readonly ScanRow[] = [
  {
    ...{ check: "private-key", category: "secrets", severity: "high", on: anywhere, place: "secret" },
    patterns: ["begin ~3 private key"],
  },
  {
    ...{ check: "access-token", category: "secrets", severity: "medium", on: anywhere, place: "secret" },
    patterns: ["ghp_*|gho_*|ghs_*|ghu_*|github_pat_*|akia*|asia*|aiza*|sk|sk_live_*|rk_live_*|glpat|xoxb|xoxp|xoxa|xapp|npm_*|hf_*|pypi|eyj*"],
  },
]
