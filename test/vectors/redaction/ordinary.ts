/**
 * Fields that hold no secret and must stay as they are: from the host's recorded payloads, from the lock file, from our own sources and
 * documents, and made up where a name or a value comes near to a secret's.
 */
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import type { Json } from "../../../src/base/json.ts"
import { base64, base62, type Chance, digits, hex, urlSafe } from "./chance.ts"
import type { Line } from "./generate.ts"
import { codeTexts, nearNames, prose, toolTexts } from "./ordinary-texts.ts"

const root = join(import.meta.dirname, "..", "..", "..")

export function ordinaryLines(chance: Chance): readonly Line[] {
  const kinds: Readonly<Record<string, readonly Json[]>> = {
    payload: sample(chance, payloadFields(), 420),
    lock: sample(chance, lockFields(), 160),
    source: sample(chance, linesOf("src/**/*.ts", "text"), 220),
    document: sample(chance, linesOf("{docs,.}/**/*.md", "content"), 120),
    name: nearNames,
    value: valueFields(chance),
    prose: prose.map((text) => ({ text })),
    code: codeTexts.map((content) => ({ content })),
    tool: toolTexts.map((text) => ({ result: { content: [{ type: "text", text }] } })),
  }
  const seen = new Set<string>()
  return Object.entries(kinds).flatMap(([kind, values]) =>
    values.flatMap((value) => {
      const text = JSON.stringify(value)
      if (seen.has(text)) return []
      seen.add(text)
      return [{ label: "ordinary" as const, kind, value }]
    }),
  )
}

function payloadFields(): readonly Json[] {
  const found: Json[] = []
  const walk = (value: Json, key: string): void => {
    if (typeof value !== "object" || value === null) found.push({ [key]: value })
    else for (const [name, part] of Object.entries(value)) walk(part as Json, Array.isArray(value) ? key : name)
  }
  for (const path of globSync("test/vectors/openclaw/{recorded,made}/*.json", { cwd: root }).sort()) walk(JSON.parse(read(path)) as Json, "")
  return unique(found)
}

function lockFields(): readonly Json[] {
  const { packages } = JSON.parse(read("package-lock.json")) as { packages: Record<string, Record<string, Json>> }
  return Object.entries(packages).flatMap(([path, { version, integrity, license }]) => [
    { [path]: { version: version ?? null, license: license ?? null } },
    ...(integrity === undefined ? [] : [{ integrity }, { text: `      "integrity": "${String(integrity)}",` }]),
  ])
}

function linesOf(pattern: string, key: string): readonly Json[] {
  const paths = globSync(pattern, { cwd: root, exclude: (path) => /node_modules|dist|redact|vectors/.test(path) }).sort()
  return unique(paths.flatMap((path) => read(path).split("\n")).filter((line) => line.trim().length > 24)).map((line) => ({ [key]: line }))
}

function valueFields(chance: Chance): readonly Json[] {
  const { letters, below, pick } = chance
  const uuid = (): string => [8, 4, 4, 4, 12].map((length) => letters(hex, length)).join("-")
  const time = (): string => new Date(1_790_000_000_000 + below(1e9)).toISOString()
  const make: Readonly<Record<string, () => Json>> = {
    sha256: () => letters(hex, 64),
    commit: () => letters(hex, 40),
    digest: () => `sha256:${letters(hex, 64)}`,
    contentHash: () => letters(urlSafe, 43),
    etag: () => `W/"${letters(hex, 32)}"`,
    id: uuid,
    sessionKey: () => `agent:main:telegram:direct:${letters(digits, 9)}`,
    sessionId: uuid,
    toolCallId: () => `call_${letters(base62, 24)}`,
    responseId: () => `chatcmpl-${letters(base62, 29)}`,
    messageId: () => `msg_${letters(base62, 24)}`,
    requestId: () => `req_${letters(base62, 24)}`,
    threadTs: () => `${letters(digits, 10)}.${letters(digits, 6)}`,
    snowflake: () => letters(digits, 18),
    createdAt: time,
    log: () => `${time()} INFO request ${uuid()} took ${below(900)}ms`,
    phone: () => `+49 151 ${letters(digits, 8)}`,
    email: () => `user${below(999)}@mail.example.net`,
    amount: () => below(1e12),
    path: () => `/srv/site/releases/2026${letters(digits, 10)}/node_modules/${pick(["a", "b", "c"])}/lib/index-${letters(hex, 8)}.js`,
    image: () => `data:image/png;base64,${letters(base64, 240)}`,
    data: () => letters(base64, 400),
    publicKey: () => `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${letters(base64, 43)} bob@laptop`,
    pem: () => `-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE${letters(base64, 64)}==\n-----END PUBLIC KEY-----`,
    certificate: () => `-----BEGIN CERTIFICATE-----\nMIIB${letters(base64, 60)}\n${letters(base64, 64)}\n-----END CERTIFICATE-----`,
    lockLine: () => `"integrity": "sha512-${letters(base64, 86)}==",`,
    gitLog: () => `commit ${letters(hex, 40)}\nAuthor: Bob Example <bob@mail.example.net>\nDate:   Fri Nov 20 14:02:11 2026 +0100\n\n    fix the parser`,
    url: () => `https://www.example.net/a/${letters(base62, 12)}?page=${below(90)}&sort=name&v=${letters(hex, 8)}`,
    chunk: () => `assets/index-${letters(base62, 8)}.js`,
    address: () => `0x${letters(hex, 40)}`,
    txHash: () => `0x${letters(hex, 64)}`,
    traceparent: () => `00-${letters(hex, 32)}-${letters(hex, 16)}-01`,
    idempotencyKey: uuid,
    cacheKey: () => `v2:${letters(hex, 32)}`,
    usage: () => ({ input_tokens: below(9e4), output_tokens: below(9e3), total_tokens: `${below(9e4)}`, cacheReadTokens: below(999) }),
    verifierKey: () => `site.example.net+${letters(hex, 8)}+${letters(base64, 44)}`,
  }
  return Object.entries(make).flatMap(([name, value]) => Array.from({ length: 9 }, () => ({ [name]: value() })))
}

function sample<T>(chance: Chance, items: readonly T[], count: number): readonly T[] {
  const left = [...items]
  return Array.from({ length: Math.min(count, items.length) }, () => left.splice(chance.below(left.length), 1)[0] as T)
}

function unique<T>(items: readonly T[]): readonly T[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()]
}

function read(path: string): string {
  return readFileSync(join(root, path), "utf8")
}
