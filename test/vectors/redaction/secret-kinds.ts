/** One maker for each kind of secret that shows what it is. The values are made up; formats, lengths and checksums are real. */
import { phraseWords } from "../../../src/capture/redaction/phrase-words.ts"
import { base32, base62, base64, type Chance, digits, hex, lowercase, urlSafe } from "./chance.ts"
import { base58Check, base64url, bech32, bytesOf, crcLetters, phraseOf } from "./encodings.ts"

type Make = (chance: Chance) => string
const upper = lowercase.toUpperCase()

function withCrc(prefix: string): Make {
  return (chance) => {
    const body = chance.letters(base62, 30)
    return `${prefix}${body}${crcLetters(body)}`
  }
}

function after(prefix: string, alphabet: string, length: number): Make {
  return (chance) => prefix + chance.letters(alphabet, length)
}

export const shaped: Readonly<Record<string, readonly Make[]>> = {
  openai: [
    after("sk-", base62, 48),
    (chance) => `sk-${chance.letters(base62, 20)}T3BlbkFJ${chance.letters(base62, 20)}`,
    (chance) => `sk-proj-${chance.letters(urlSafe, 74)}T3BlbkFJ${chance.letters(urlSafe, 74)}`,
    after("sk-svcacct-", urlSafe, 120),
  ],
  anthropic: [(chance) => `sk-ant-api03-${chance.letters(urlSafe, 93)}AA`, (chance) => `sk-ant-oat01-${chance.letters(urlSafe, 93)}AA`],
  openrouter: [after("sk-or-v1-", hex, 64)],
  deepseek: [after("sk-", hex, 32)],
  google: [after("AIzaSy", urlSafe, 33)],
  xai: [after("xai-", base62, 80)],
  groq: [after("gsk_", base62, 52)],
  huggingface: [after("hf_", lowercase + upper, 34)],
  replicate: [after("r8_", base62, 37)],
  perplexity: [after("pplx-", base62, 48)],
  github: [withCrc("ghp_"), withCrc("gho_"), withCrc("ghu_"), withCrc("ghs_"), after("ghr_", base62, 76)],
  "github-fine": [(chance) => `github_pat_${chance.letters(base62, 22)}_${chance.letters(base62, 59)}`],
  gitlab: [after("glpat-", urlSafe, 20), (chance) => `glpat-${chance.letters(base62, 27)}.01.${chance.letters(base62, 9)}`, after("glrt-", urlSafe, 20)],
  slack: [
    (chance) => `xoxb-${chance.letters(digits, 12)}-${chance.letters(digits, 13)}-${chance.letters(base62, 24)}`,
    (chance) => `xoxp-${chance.letters(digits, 11)}-${chance.letters(digits, 11)}-${chance.letters(digits, 13)}-${chance.letters(hex, 32)}`,
    (chance) => `xapp-1-A${chance.letters(base32, 10)}-${chance.letters(digits, 13)}-${chance.letters(hex, 64)}`,
  ],
  "slack-webhook": [(chance) => `T${chance.letters(base32, 8)}/B${chance.letters(base32, 10)}/${chance.letters(base62, 24)}`],
  discord: [(chance) => `${base64url(`1${chance.letters(digits, 17)}`)}.${chance.letters(base62, 6)}.${chance.letters(urlSafe, 38)}`],
  telegram: [(chance) => `${chance.letters("123456789", 1)}${chance.letters(digits, 9)}:AA${chance.letters(urlSafe, 33)}`],
  stripe: [after("sk_live_", base62, 24), after("rk_live_", base62, 99), after("sk_test_", base62, 99)],
  "stripe-webhook": [after("whsec_", base62, 32)],
  twilio: [after("SK", hex, 32)],
  sendgrid: [(chance) => `SG.${chance.letters(urlSafe, 22)}.${chance.letters(urlSafe, 43)}`],
  mailgun: [after("key-", hex, 32)],
  npm: [withCrc("npm_")],
  pypi: [after("pypi-AgEIcHlwaS5vcmc", urlSafe, 140)],
  docker: [after("dckr_pat_", urlSafe, 27)],
  databricks: [after("dapi", hex, 32)],
  notion: [after("ntn_", base62, 46), after("secret_", base62, 43)],
  linear: [after("lin_api_", base62, 40)],
  shopify: [after("shpat_", hex, 32)],
  square: [after("EAAAl", urlSafe, 59), after("sq0csp-", urlSafe, 43)],
  digitalocean: [after("dop_v1_", hex, 64)],
  cloudflare: [after("cfut_", base62, 48)],
  aws: [after("AKIA", base32, 16), after("ASIA", base32, 16)],
  "google-oauth": [after("ya29.a0Af", urlSafe, 160), after("GOCSPX-", urlSafe, 28)],
  jwt: [jwt],
  age: [(chance) => bech32("age-secret-key-", bytesOf(chance, 32)).toUpperCase()],
  nostr: [(chance) => bech32("nsec", bytesOf(chance, 32))],
  xprv: [(chance) => base58Check(Buffer.concat([Buffer.from("0488ade4000000000000000000", "hex"), bytesOf(chance, 32), Buffer.alloc(1), bytesOf(chance, 32)]))],
  phrase: [(chance) => phraseOf(bytesOf(chance, 16), [...phraseWords]).join(" "), (chance) => phraseOf(bytesOf(chance, 32), [...phraseWords]).join(" ")],
}

/** The other rows of the list, in fewer settings. */
export const rarer: Readonly<Record<string, readonly Make[]>> = {
  "openai-session": [after("sess-", base62, 40)],
  fireworks: [after("fw_", base62, 24)],
  elevenlabs: [after("sk_", hex, 48)],
  langsmith: [(chance) => `lsv2_pt_${chance.letters(hex, 32)}_${chance.letters(hex, 10)}`],
  pinecone: [(chance) => `pcsk_${chance.letters(base62, 6)}_${chance.letters(base62, 60)}`],
  tavily: [after("tvly-dev-", base62, 32)],
  firecrawl: [after("fc-", hex, 32)],
  "gitlab-runner": [after("GR1348941", urlSafe, 20)],
  rubygems: [after("rubygems_", hex, 48)],
  atlassian: [after("ATATT3xFfGF0", urlSafe, 180), after("ATBB", base62, 32)],
  postman: [(chance) => `PMAK-${chance.letters(hex, 24)}-${chance.letters(hex, 34)}`],
  sentry: [after("sntrys_eyJ", base62, 120), after("sntryu_", hex, 64)],
  grafana: [(chance) => `glsa_${chance.letters(base62, 32)}_${chance.letters(hex, 8)}`],
  "new-relic": [after("NRAK-", upper + digits, 27)],
  figma: [after("figd_", urlSafe, 40)],
  airtable: [(chance) => `pat${chance.letters(base62, 14)}.${chance.letters(hex, 64)}`],
  "discord-mfa": [after("mfa.", urlSafe, 84)],
  "discord-webhook": [after("", urlSafe, 68)],
  brevo: [(chance) => `xkeysib-${chance.letters(hex, 64)}-${chance.letters(base62, 16)}`],
  facebook: [after("EAACE", base62, 160)],
  "aws-bedrock": [after("ABSK", base62, 128)],
  "google-refresh": [after("1//0g", urlSafe, 98)],
  "cloudflare-origin": [(chance) => `v1.0-${chance.letters(hex, 24)}-${chance.letters(hex, 146)}`],
  heroku: [after("HRKU-AA", urlSafe, 58)],
  supabase: [after("sbp_", hex, 40), after("sb_secret_", urlSafe, 31)],
  vault: [after("hvs.CAESI", urlSafe, 86)],
  pulumi: [after("pul-", hex, 40)],
  doppler: [after("dp.pt.", base62, 43)],
  planetscale: [after("pscale_tkn_", urlSafe, 43)],
  netlify: [after("nfp_", base62, 36)],
  fly: [after("fo1_", urlSafe, 43)],
  "ssh-body": [(chance) => `b3BlbnNzaC1rZXktdjE${chance.letters(base62, 300)}`],
  putty: [(chance) => `${chance.letters(base64, 64)}\n${chance.letters(base64, 40)}`],
  bearer: [after("", urlSafe, 40)],
}

function jwt(chance: Chance): string {
  const now = 1_790_000_000 + chance.below(1e7)
  const header = base64url(JSON.stringify({ alg: chance.pick(["HS256", "RS256", "ES256"]), typ: "JWT" }))
  const claims = base64url(JSON.stringify({ sub: chance.letters(digits, 10), iat: now, exp: now + 3600, scope: "read:all" }))
  return `${header}.${claims}.${chance.letters(urlSafe, 43)}`
}

/** What stands in front of those that are told by it. */
export const lead: Readonly<Record<string, string>> = {
  "slack-webhook": "https://hooks.slack.com/services/",
  "discord-webhook": "https://discord.com/api/webhooks/123456789012345678/",
  putty: "Private-Lines: 2\n",
  bearer: "Bearer ",
}

/** Blocks of keys; the marks around them stand in parts like everything that is secret. */
export function pemBlock(chance: Chance, label: string, lines = 6): string {
  const body = Array.from({ length: lines }, (_, i) => (i === 0 ? "MIIEvQIBADANBgkq" : "") + chance.letters(base64, i === 0 ? 48 : 64))
  return `-----BEGIN ${label}-----\n${body.join("\n")}\n${chance.letters(base64, 42)}==\n-----END ${label}-----`
}

export const pemLabels = ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "PGP PRIVATE KEY BLOCK"]

/** Values that only their name gives away. */
export const nameless: Readonly<Record<string, Make>> = {
  awsSecret: (chance) => chance.letters(base64, 40),
  accountKey: (chance) => `${chance.letters(base64, 86)}==`,
  hex32: (chance) => chance.letters(hex, 32),
  hex64: (chance) => chance.letters(hex, 64),
  fernet: (chance) => `${chance.letters(urlSafe, 43)}=`,
  password: (chance) => chance.pick([strong, spoken, awkward])(chance),
  random: (chance) => chance.letters(base62, 24 + chance.below(20)),
}

const bases = ["Sommer", "tiger", "Winter", "dragon", "Passat", "kafka", "Blue", "monkey", "Quark", "login"]

function strong(chance: Chance): string {
  return `${chance.letters(base62, 6)}${chance.pick(["!", "#", "*", "%"])}${chance.letters(base62, 7)}`
}

function spoken(chance: Chance): string {
  return `${chance.pick(bases)}${2000 + chance.below(30)}${chance.pick(["!", "", "?x", "-7q"])}`
}

function awkward(chance: Chance): string {
  return `${chance.letters(lowercase, 3)}${chance.letters(digits, 2)}@${chance.letters(base62, 5)}/${chance.letters(digits, 2)}`
}
