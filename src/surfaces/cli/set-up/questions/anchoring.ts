/** Who outside signs when the ledger was what it is: time-stamp authorities, Digital Evidence, witnesses; and how often they are asked. */
import { Fault } from "../../../../base/fault.ts"
import { stringOf, type Json, type JsonObject } from "../../../../base/json.ts"
import { parseTimeStampAuthority } from "../../../../format/time-stamp-authority.ts"
import { parseWitness } from "../../../../format/witness.ts"
import type { Flags } from "../../command.ts"
import { collected, textsIn } from "../../ledger-order.ts"
import { wholeNumber } from "../../numbers.ts"
import type { Asker } from "../ask.ts"
import { settingPatch, together } from "../patch.ts"
import { settingsIn, type Question } from "../question.ts"
import { problemWith } from "./keeping.ts"
import { namesIn } from "./permissions.ts"
import { reference } from "./webhook.ts"

/** What is named is added to what stands there; each with the flag, the setting, and what reads it. */
const lists = [
  { flag: "timestampAuthority", setting: "timestampAuthorities", parse: parseTimeStampAuthority },
  { flag: "witness", setting: "witnesses", parse: parseWitness },
  { flag: "dePayee", setting: "dePayees", parse: (text: string) => text },
] as const

const texts = { deOrg: "deOrgId", deTenant: "deTenantId", deWallet: "deWalletKeyFile" } as const

const thresholds = [
  {
    flag: "anchorEvents",
    setting: "deEventThreshold",
    parse: wholeNumber("--anchor-events", 1, 1_000_000),
    usual: 100,
    words: "After how many new entries is it asked?",
  },
  {
    flag: "anchorMs",
    setting: "deIntervalMs",
    parse: wholeNumber("--anchor-ms", 1_000, 86_400_000),
    usual: 300_000,
    words: "After how many milliseconds is it asked all the same?",
  },
  {
    flag: "anchorLeast",
    setting: "deTimerMinEvents",
    parse: wholeNumber("--anchor-least", 1, 1_000_000),
    usual: 1,
    words: "If how many entries are new by then?",
  },
] as const

export const anchoring: Question = {
  name: "anchoring",
  options: [
    {
      flags: "--timestamp-authority <url and file>",
      words: 'a time-stamp authority, as "URL FILE" with its certificate; repeatable, beside those there are',
      parse: collected,
    },
    { flags: "--witness <key and url>", words: 'a witness, as "KEY URL"; repeatable, beside those there are', parse: collected },
    { flags: "--de-key-env <variable>", words: "variable of the gateway's environment with the API key of Digital Evidence; with --de-org and --de-tenant" },
    { flags: "--de-org <uuid>", words: "organisation at Digital Evidence" },
    { flags: "--de-tenant <uuid>", words: "tenant at Digital Evidence" },
    { flags: "--de-wallet <file>", words: "a wallet's key file, by which Digital Evidence is paid for each request; with --de-payee" },
    { flags: "--de-payee <address>", words: "who the wallet may pay; repeatable", parse: collected },
    { flags: "--anchor-events <n>", words: "new entries after which every anchor is asked (default 100)", parse: thresholds[0].parse },
    { flags: "--anchor-ms <n>", words: "milliseconds after which it is asked all the same (default 300,000)", parse: thresholds[1].parse },
    { flags: "--anchor-least <n>", words: "new entries that it takes for that (default 1)", parse: thresholds[2].parse },
  ],
  told: ({ flags, config }) => {
    const patches = [...listPatches(flags, config), ...evidencePatches(flags), ...thresholdPatches(flags)]
    return patches.length === 0 ? undefined : { patch: together(patches) }
  },
  ask: async (asker, { config }) => {
    const how = await asker.choose(
      "Who outside is to sign when the ledger was what it is?",
      [
        { value: "skip", label: "Nobody new", hint: "docs/guides/anchors.md tells what it is good for" },
        { value: "authority", label: "A time-stamp authority", hint: "RFC 3161; many are free" },
        { value: "witness", label: "A witness", hint: "notices a ledger that was put back from a copy" },
        { value: "key", label: "Digital Evidence, with an API key" },
        { value: "wallet", label: "Digital Evidence, paid from a wallet" },
      ],
      "skip",
    )
    if (how === "skip") return {}
    const flags = { ...(await asked[how](asker)), ...(await askThresholds(asker, config)) }
    return { patch: together([...listPatches(flags, config), ...evidencePatches(flags), ...thresholdPatches(flags)]) }
  },
  shown: (config) => {
    const { timestampAuthorities, witnesses, deApiKey, deWalletKeyFile } = settingsIn(config)
    const named = [
      ...namesIn(timestampAuthorities).map((one) => one.split(" ")[0] ?? one),
      ...namesIn(witnesses).map((one) => `witness ${one.split("+")[0] ?? one}`),
      ...(deApiKey === undefined ? [] : ["Digital Evidence"]),
      ...(deApiKey === undefined && deWalletKeyFile !== undefined ? ["Digital Evidence, paid from a wallet"] : []),
    ]
    return named.length === 0 ? "nobody" : named.join(", ")
  },
}

const asked: { readonly [How in "authority" | "witness" | "key" | "wallet"]: (asker: Asker) => Promise<Flags> } = {
  authority: async (asker) => ({ timestampAuthority: [await asker.text("Its URL, and the PEM file with its certificate: URL FILE", "", listed(0))] }),
  witness: async (asker) => ({ witness: [await asker.text("Its verifier key and its URL: KEY URL", "", listed(1))] }),
  key: async (asker) => {
    const deKeyEnv = await asker.text("Which variable of the gateway's environment has the API key?", "DE_API_KEY", (text) =>
      problemWith(() => reference(text)),
    )
    return { deKeyEnv, deOrg: await asker.text("The organisation, a UUID", "", someUuid), deTenant: await asker.text("The tenant, a UUID", "", someUuid) }
  },
  wallet: async (asker) => {
    const deWallet = await asker.text("The file with the wallet's key (secp256k1, 64 hex digits)", "", (text) => (text === "" ? "It is empty." : undefined))
    return { deWallet, dePayee: [await asker.text("Whom may it pay? An address as 0x...", "", someAddress)] }
  },
}

async function askThresholds(asker: Asker, config: unknown): Promise<Flags> {
  if (!(await asker.yes("Change how often it is asked? Now: after 100 new entries, or 5 minutes, unless the settings say otherwise.", false))) return {}
  const found: Record<string, number> = {}
  for (const { flag, setting, parse, usual, words } of thresholds) {
    const stands = String(settingsIn(config)[setting] ?? usual)
    found[flag] = parse(await asker.text(words, stands, (text) => problemWith(() => parse(text))))
  }
  return found
}

const listed = (at: 0 | 1) => (text: string) => problemWith(() => checkedWitness(at, text))

function checkedWitness(at: 0 | 1, text: string): void {
  const read = lists[at].parse(text)
  if (at === 1 && read.url === undefined) throw new Fault("cli.usage", { problem: 'A witness is named as "KEY URL".' })
}

function someUuid(text: string): string | undefined {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text) ? undefined : "A UUID looks like 550e8400-e29b-41d4-a716-446655440000."
}

function someAddress(text: string): string | undefined {
  return /^0x[0-9a-f]{40}$/i.test(text) ? undefined : "An address is 0x and 40 hex digits."
}

function listPatches(flags: Flags, config: unknown): readonly JsonObject[] {
  return lists.flatMap(({ flag, setting, parse }) => {
    const given = textsIn(flags, flag)
    if (given.length === 0) return []
    for (const text of given) parse(text)
    return [settingPatch(setting, [...new Set([...namesIn(settingsIn(config)[setting]), ...given])])]
  })
}

function evidencePatches(flags: Flags): readonly JsonObject[] {
  const variable = stringOf(flags["deKeyEnv"])
  const rows: readonly (readonly [string, Json | undefined])[] = [
    ["deApiKey", variable === undefined ? undefined : reference(variable)],
    ...Object.entries(texts).map(([flag, setting]) => [setting, stringOf(flags[flag])] as const),
  ]
  return rows.flatMap(([setting, value]) => (value === undefined ? [] : [settingPatch(setting, value)]))
}

function thresholdPatches(flags: Flags): readonly JsonObject[] {
  return thresholds.flatMap(({ flag, setting }) => {
    const given = flags[flag]
    return typeof given === "number" ? [settingPatch(setting, given)] : []
  })
}
