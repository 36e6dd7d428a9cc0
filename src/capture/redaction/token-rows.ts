/**
 * Secrets that show what they are by their first characters. Add a row here and it is found anywhere in any text: where a text of `starts`
 * stands, not inside a word, `pattern` is tried at that very place.
 *
 * Every pattern is linear: no repeat inside a repeat, and every repeat bounded unless its row is `strict`. A token longer than its bound is
 * replaced to its end all the same.
 */
import { decodesToSecretUser, isJwtHeader, isPrivateKeyText } from "./decoded.ts"
import { looksRandom } from "./plausible.ts"

export type TokenRow = {
  readonly kind: string
  readonly starts: readonly string[]
  /** Sticky. The first group, which ends the match, is what is replaced; without one, all of it. */
  readonly pattern: RegExp
  /** Looks at what would be replaced. */
  readonly accepts?: (text: string) => boolean
  /** More signs in front of it are part of its word: `-` and `_`, or those of base64. So a word of any length is tried once. */
  readonly strict?: "word" | "base64"
  /** Ends where its pattern says; the rest of the word is something else. */
  readonly exact?: true
}

// oxfmt-ignore: one row a kind
export const tokenRows: readonly TokenRow[] = [
  // Models
  { kind: "anthropic-key", starts: ["sk-ant-"], pattern: /sk-ant-[\w-]{16,300}/y },
  { kind: "openai-key", starts: ["sk-proj-", "sk-svcacct-", "sk-admin-", "sk-None-"], pattern: /sk-(?:proj|svcacct|admin|None)-[\w-]{16,300}/y },
  { kind: "openrouter-key", starts: ["sk-or-"], pattern: /sk-or-(?:v\d-)?[\w-]{20,300}/y },
  { kind: "openai-key", starts: ["sk-"], pattern: /sk-[\w-]{20,300}/y, accepts: looksRandom },
  { kind: "openai-session", starts: ["sess-"], pattern: /sess-[A-Za-z0-9]{40,100}/y },
  { kind: "google-api-key", starts: ["AIza"], pattern: /AIza[\w-]{35}/y },
  { kind: "xai-key", starts: ["xai-"], pattern: /xai-[A-Za-z0-9]{40,120}/y },
  { kind: "groq-key", starts: ["gsk_"], pattern: /gsk_[A-Za-z0-9]{40,100}/y },
  { kind: "huggingface-token", starts: ["hf_", "api_org_"], pattern: /(?:hf_|api_org_)[A-Za-z0-9]{30,60}/y },
  { kind: "replicate-token", starts: ["r8_"], pattern: /r8_[A-Za-z0-9]{36,60}/y },
  { kind: "perplexity-key", starts: ["pplx-"], pattern: /pplx-[A-Za-z0-9]{32,80}/y },
  { kind: "fireworks-key", starts: ["fw_"], pattern: /fw_[A-Za-z0-9]{22,60}/y, accepts: looksRandom },
  { kind: "elevenlabs-key", starts: ["sk_"], pattern: /sk_[0-9a-f]{48}/y },
  { kind: "langsmith-key", starts: ["lsv2_"], pattern: /lsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{6,20}/y },
  { kind: "pinecone-key", starts: ["pcsk_"], pattern: /pcsk_\w{40,120}/y },
  { kind: "tavily-key", starts: ["tvly-"], pattern: /tvly-[\w-]{20,100}/y, accepts: looksRandom },
  { kind: "firecrawl-key", starts: ["fc-"], pattern: /fc-[0-9a-f]{32}/y },
  // Code and packages
  { kind: "github-token", starts: ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], pattern: /gh[pousr]_[A-Za-z0-9]{30,255}/y },
  { kind: "github-token", starts: ["github_pat_"], pattern: /github_pat_\w{30,255}/y },
  {
    kind: "gitlab-token",
    starts: ["glpat-", "gldt-", "glrt-", "glcbt-", "glptt-", "glft-", "glsoat-", "glimt-", "glagent-", "gloas-"],
    pattern: /gl(?:pat|dt|rt|cbt|ptt|ft|soat|imt|agent|oas)-[\w.-]{20,300}/y,
  },
  { kind: "gitlab-token", starts: ["GR1348941"], pattern: /GR1348941[\w-]{20,50}/y },
  { kind: "npm-token", starts: ["npm_"], pattern: /npm_[A-Za-z0-9]{36}/y },
  { kind: "pypi-token", starts: ["pypi-"], pattern: /pypi-[\w-]{40,300}/y },
  { kind: "docker-token", starts: ["dckr_"], pattern: /dckr_(?:pat|oat)_[\w-]{20,80}/y },
  { kind: "rubygems-key", starts: ["rubygems_"], pattern: /rubygems_[0-9a-f]{48}/y },
  { kind: "atlassian-token", starts: ["ATATT3", "ATCTT3", "ATBB"], pattern: /(?:ATATT3|ATCTT3|ATBB)[\w=-]{28,300}/y },
  { kind: "postman-key", starts: ["PMAK-"], pattern: /PMAK-[0-9a-f]{24}-[0-9a-f]{34}/y },
  { kind: "sentry-token", starts: ["sntrys_", "sntryu_"], pattern: /sntry[su]_[\w+/=-]{40,300}/y },
  { kind: "grafana-token", starts: ["glsa_", "glc_"], pattern: /gl(?:sa|c)_[\w+/=]{32,300}/y },
  { kind: "new-relic-key", starts: ["NRAK-"], pattern: /NRAK-[A-Z0-9]{27}/y },
  { kind: "figma-token", starts: ["figd_"], pattern: /figd_[\w-]{36,80}/y, accepts: looksRandom },
  { kind: "airtable-token", starts: ["pat"], pattern: /pat[A-Za-z0-9]{14}\.[0-9a-f]{64}/y },
  { kind: "linear-key", starts: ["lin_api_", "lin_oauth_"], pattern: /lin_(?:api|oauth)_[A-Za-z0-9]{32,64}/y },
  { kind: "notion-token", starts: ["ntn_", "secret_"], pattern: /(?:ntn|secret)_[A-Za-z0-9]{40,60}/y },
  // Messengers
  {
    kind: "slack-token",
    starts: ["xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxo-", "xoxs-", "xoxc-", "xoxd-", "xoxe-", "xoxe.", "xapp-"],
    pattern: /(?:xox[a-z]|xapp|xoxe\.xox[bp])-[\w%-]{10,400}/y,
  },
  { kind: "slack-webhook", starts: ["hooks.slack.com/"], pattern: /hooks\.slack\.com\/(?:services|workflows|triggers)\/([\w/+-]{20,200})/y },
  { kind: "discord-webhook", starts: ["discord"], pattern: /discord(?:app)?\.com\/api\/(?:v\d{1,2}\/)?webhooks\/\d{10,25}\/([\w-]{40,120})/y },
  {
    kind: "discord-token",
    starts: ["MD", "MT", "Mj", "Mz", "ND", "NT", "Nj", "Nz", "OD", "OT"],
    pattern: /[MNO][A-Za-z0-9]{17,27}\.[\w-]{6}\.[\w-]{27,45}/y,
    strict: "word",
  },
  { kind: "discord-token", starts: ["mfa."], pattern: /mfa\.[\w-]{60,120}/y },
  // Money and mail
  { kind: "stripe-key", starts: ["sk_live_", "sk_test_", "rk_live_", "rk_test_"], pattern: /[sr]k_(?:live|test)_[A-Za-z0-9]{10,255}/y },
  { kind: "stripe-webhook-secret", starts: ["whsec_"], pattern: /whsec_[A-Za-z0-9+/=]{24,100}/y },
  { kind: "twilio-key", starts: ["SK"], pattern: /SK[0-9a-f]{32}/y, exact: true },
  { kind: "twilio-auth-token", starts: ["AC"], pattern: /AC[0-9a-f]{32}["',:;| \t]{1,6}([0-9a-f]{32})/y, exact: true },
  { kind: "sendgrid-key", starts: ["SG."], pattern: /SG\.[\w-]{16,32}\.[\w-]{32,64}/y },
  { kind: "mailgun-key", starts: ["key-", "pubkey-"], pattern: /(?:pub)?key-[0-9a-f]{32}/y },
  { kind: "brevo-key", starts: ["xkeysib-"], pattern: /xkeysib-[0-9a-f]{64}-[\w]{16}/y },
  { kind: "shopify-token", starts: ["shpat_", "shpca_", "shppa_", "shpss_", "shpua_"], pattern: /shp(?:at|ca|pa|ss|ua)_[0-9a-fA-F]{32}/y },
  { kind: "square-token", starts: ["EAAA"], pattern: /EAAA[\w-]{60}/y },
  { kind: "square-token", starts: ["sq0atp-", "sq0csp-", "sq0idp-"], pattern: /sq0[aci][tsd]p-[\w-]{22,60}/y },
  { kind: "facebook-token", starts: ["EAA"], pattern: /EAA[A-Z][A-Za-z0-9]{80,300}/y },
  // Clouds
  { kind: "aws-access-key", starts: ["AKIA", "ASIA", "ABIA", "ACCA"], pattern: /A(?:KI|SI|BI|CC)A[A-Z2-7]{16}(?![A-Za-z0-9])/y, exact: true },
  { kind: "aws-bedrock-key", starts: ["ABSK"], pattern: /ABSK[A-Za-z0-9+/=]{60,300}/y },
  { kind: "google-oauth-token", starts: ["ya29."], pattern: /ya29\.[\w-]{20,400}/y },
  { kind: "google-refresh-token", starts: ["1//0"], pattern: /1\/\/0[\w-]{30,200}/y },
  { kind: "google-client-secret", starts: ["GOCSPX-"], pattern: /GOCSPX-[\w-]{20,60}/y },
  { kind: "digitalocean-token", starts: ["dop_v1_", "doo_v1_", "dor_v1_"], pattern: /do[opr]_v1_[0-9a-f]{64}/y },
  { kind: "cloudflare-token", starts: ["cfk_", "cfut_", "cfat_"], pattern: /cf(?:k|ut|at)_[A-Za-z0-9]{40,80}/y },
  { kind: "cloudflare-origin-key", starts: ["v1.0-"], pattern: /v1\.0-[0-9a-f]{24}-[0-9a-f]{146}/y },
  { kind: "databricks-token", starts: ["dapi"], pattern: /dapi[0-9a-f]{32}(?:-\d)?/y },
  { kind: "heroku-key", starts: ["HRKU-"], pattern: /HRKU-[\w-]{36,80}/y },
  { kind: "supabase-key", starts: ["sbp_", "sb_secret_"], pattern: /(?:sbp|sb_secret)_[\w-]{20,80}/y, accepts: looksRandom },
  { kind: "vault-token", starts: ["hvs.", "hvb.", "hvr."], pattern: /hv[sbr]\.[\w-]{24,300}/y },
  { kind: "pulumi-token", starts: ["pul-"], pattern: /pul-[0-9a-f]{40}/y },
  { kind: "doppler-token", starts: ["dp.pt.", "dp.st."], pattern: /dp\.(?:pt|st)\.[\w.-]{40,80}/y },
  { kind: "planetscale-token", starts: ["pscale_"], pattern: /pscale_(?:tkn|pw|oauth)_[\w.-]{32,80}/y },
  { kind: "netlify-token", starts: ["nfp_"], pattern: /nfp_[A-Za-z0-9]{36,60}/y },
  { kind: "fly-token", starts: ["fm1_", "fm2_", "fo1_"], pattern: /f(?:m1|m2|o1)_[\w+/=,-]{40,400}/y },
  // Keys
  { kind: "jwt", starts: ["eyJ"], pattern: /eyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*){0,3}/y, accepts: isJwtHeader, strict: "word" },
  { kind: "age-secret-key", starts: ["AGE-SECRET-KEY-", "age-secret-key-"], pattern: /AGE-SECRET-KEY-(?:PQ-)?1[0-9A-Z]{20,200}/iy },
  { kind: "private-key", starts: ["b3BlbnNzaC1rZXktdjE"], pattern: /b3BlbnNzaC1rZXktdjE[A-Za-z0-9+/=]{20,}/y, strict: "base64" },
  { kind: "private-key", starts: ["LS0tLS1CRUdJTi"], pattern: /LS0tLS1CRUdJTi[A-Za-z0-9+/=]{20,}/y, accepts: isPrivateKeyText, strict: "base64" },
  { kind: "private-key", starts: ["Private-Lines:"], pattern: /Private-Lines: \d{1,4}(?:\\r|\\n|\s){1,6}((?:[A-Za-z0-9+/=]|\\r|\\n|\s){40,8000})/y },
  { kind: "wallet-key", starts: ["xprv", "yprv", "zprv", "tprv"], pattern: /[xyzt]prv[1-9A-HJ-NP-Za-km-z]{80,120}/y },
  { kind: "nostr-key", starts: ["nsec1"], pattern: /nsec1[02-9ac-hj-np-z]{58}/y },
  // Beside words
  {
    kind: "bearer-token",
    starts: ["Bearer ", "bearer ", "BEARER ", "Bearer%20", "Bearer+"],
    pattern: /bearer(?: {1,4}|%20|\+)([\w.~+/=:-]{12,2000})/iy,
    accepts: (text) => looksRandom(text) || text.length >= 40,
  },
  { kind: "basic-auth", starts: ["Basic ", "basic "], pattern: /basic {1,4}([A-Za-z0-9+/_-]{6,1000}={0,2})/iy, accepts: decodesToSecretUser },
  { kind: "password", starts: ["login "], pattern: /login[ \t]{1,8}[^\s]{1,128}\s{1,8}password[ \t]{1,8}([^\s]{1,256})/y },
  { kind: "password", starts: ["PASSWORD '", "password '", "BY '", "by '"], pattern: /(?:PASSWORD|password|BY|by) '([^'\s]{1,256})/y },
  { kind: "fernet-key", starts: ["Fernet("], pattern: /Fernet\(\s{0,4}b?["']([\w-]{43}=)/y },
]
