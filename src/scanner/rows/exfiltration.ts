/** What belongs to somebody, on its way out; and what is read that should be nobody's but its owner's. */
import { does, type ScanRow } from "../row.ts"

const high = { category: "exfiltration", severity: "high", on: does } as const
const medium = { category: "environment", severity: "medium", on: ["args", "file"] } as const

export const exfiltrationRows: readonly ScanRow[] = [
  {
    ...high,
    check: "send-secret-file",
    not: "-i|-K",
    patterns: [
      "@up ~48 @sensitive",
      "@sensitive ~28 PIPE ~4 @up|ssh",
      "@sensitive ~28 ifs ~3 @up",
      "tar|zip|7z|cp|gzip|base64 ~16 @sensitive ~24 AMP|SEMI ~3 @up",
      "s3 ~4 cp|sync|mv ~8 @sensitive",
      "credentials ~6 PIPE ~4 @up",
      "--export ~2 secret",
      "find ~2 generic ~2 password",
      "cookies|logins|keychains ~24 PIPE ~4 @up",
      "cookies|logins ~24 AMP|SEMI ~3 @up",
    ],
  },
  {
    ...high,
    check: "send-environment",
    patterns: [
      "env|printenv PIPE ~10 @up",
      "@up ~48 LP env|printenv",
      "@up|urllib ~60 environ",
      "http|https|fetch|request ~60 stringify ~4 process DOT env",
      "@up ~20 webhook DOT site",
      "@up ~20 requestbin|oastify|pipedream|burpcollaborator",
    ],
  },
  {
    ...high,
    check: "dns-exfiltration",
    inLine: true,
    patterns: ["dig|nslookup|host|ping|drill ~6 DOLLAR LP", "dig|nslookup ~3 TICK", "xxd|base64|od ~40 dig|nslookup|ping"],
  },
  {
    ...high,
    check: "instance-credentials",
    patterns: ["169 DOT 254 DOT 169 DOT 254", "metadata DOT google DOT internal", "computemetadata"],
  },
  {
    ...medium,
    check: "read-secret-file",
    inLine: true,
    patterns: [
      "@reads ~12 @keys",
      "@reads ~6 .env",
      "@reads ~8 .aws ~2 credentials",
      "@reads ~8 .git MINUS credentials",
      "@reads ~6 proc ~6 environ",
      "@reads ~8 DOLLAR ~2 keyfile",
      "find ~12 id_rsa|id_ed25519|.env|.pem",
      "grep|rg|ag ~12 private ~1 key",
    ],
  },
  {
    ...medium,
    check: "read-environment",
    inLine: true,
    patterns: [
      "env|printenv|set PIPE grep|rg|egrep ~8 secret*|token*|key*|pass*|api*|cred*",
      "printenv|echo ~3 aws_secret_access_key|anthropic_api_key|openai_api_key|github_token|gh_token|aws_session_token|google_api_key|npm_token|database_url",
    ],
  },
]
