/** The web hook that is told of alerts, and the message by which one sees that it is. */
import { Fault } from "../../../../base/fault.ts"
import { objectOf, stringOf, type Json } from "../../../../base/json.ts"
import { parseAlerts } from "../../../../policy/alerts/alert-rule.ts"
import type { Asker } from "../ask.ts"
import { settingPatch, together } from "../patch.ts"
import { settingsIn, type Answer, type Known, type Question } from "../question.ts"
import { problemWith } from "./keeping.ts"
import { oneOf } from "./permissions.ts"

const setting = "notificationWebhook"

export const webhook: Question = {
  name: "webhook",
  options: [
    { flags: "--webhook <url>", words: "web hook that is told of alerts; none takes it out of the settings" },
    { flags: "--webhook-env <variable>", words: "the same by the name of a variable of the gateway's environment, so that the URL stands in no file" },
    { flags: "--webhook-private", words: "it may be on this machine or in a private network" },
    { flags: "--webhook-test <answer>", words: "yes: send it a test message before anything is written; skip: do not (default: yes, if it is new)" },
  ],
  told: ({ flags }) => {
    const [url, variable] = [stringOf(flags["webhook"]), stringOf(flags["webhookEnv"])]
    oneOf(flags, "webhook-test", ["yes", "skip"])
    if (url === undefined && variable === undefined) return undefined
    if (url !== undefined && variable !== undefined) throw new Fault("cli.usage", { problem: "Give --webhook or --webhook-env, not both." })
    if (url === "none") return { patch: settingPatch(setting, null) }
    return answered(url ?? reference(variable ?? ""), flags["webhookPrivate"] === true)
  },
  ask: async (asker, known) => {
    const stands = settingsIn(known.config)[setting]
    if (stands !== undefined) {
      const choices = [
        { value: "keep", label: `Keep ${placeOf(stands)}` },
        { value: "other", label: "Another one" },
        { value: "none", label: "Nobody" },
      ] as const
      const what = await asker.choose<"keep" | "other" | "none">("Which web hook is told of alerts?", choices, "keep")
      if (what !== "other") return what === "keep" ? {} : { patch: settingPatch(setting, null) }
    }
    return askFor(asker, known)
  },
  shown: (config) => {
    const stands = settingsIn(config)[setting]
    return stands === undefined ? "no web hook is told of alerts" : `${placeOf(stands)} is told of alerts`
  },
}

async function askFor(asker: Asker, { flags }: Known): Promise<Answer> {
  const isPrivate = flags["webhookPrivate"] === true
  const url = await asker.secret("URL of a web hook that is told of alerts: Slack, Discord or your own. Nothing for none.", (text) =>
    text === "" ? undefined : problemWith(() => parseAlerts({ notificationWebhook: text, webhookAllowPrivateHost: isPrivate })),
  )
  return url === "" ? {} : answered(url, isPrivate)
}

function answered(url: Json, isPrivate: boolean): Answer {
  parseAlerts({ notificationWebhook: url, webhookAllowPrivateHost: isPrivate })
  return { patch: together([settingPatch(setting, url), ...(isPrivate ? [settingPatch("webhookAllowPrivateHost", true)] : [])]) }
}

export function reference(variable: string): Json {
  if (!/^[A-Z_][A-Z0-9_]*$/i.test(variable)) throw new Fault("cli.usage", { problem: `"${variable}" is no name of a variable.` })
  return { source: "env", provider: "default", id: variable }
}

/** Its host, or where it stands: what comes after the host may be all that keeps others from writing there. */
function placeOf(url: unknown): string {
  const id = stringOf(objectOf(url)["id"])
  if (id !== undefined) return `the web hook in ${id}`
  return typeof url === "string" && URL.canParse(url) ? new URL(url).host : "a web hook"
}
