/**
 * Says an alert in an operator's chat, over the host's own way for messages (its docs, plugins/sdk-channel-outbound): with its hooks, so that the outbound gate is
 * asked like for any message. What came of it goes back to the writer, which tries again where that can help.
 */
import { objectOf } from "../base/json.ts"
import { hookRows } from "../capture/hook-rows.ts"
import type { TellLine } from "../surfaces/socket/protocol.ts"
import type { HostApi } from "./host-api.ts"
import { hostConfig } from "./host-models.ts"
import { hookLine } from "./hook-line.ts"
import type { LedgerClient } from "./ledger-client.ts"
import type { Outside } from "./outside.ts"

type Send = (message: {
  readonly cfg: unknown
  readonly channel: string
  readonly to: string
  readonly accountId?: string
  readonly payloads: readonly { readonly text: string }[]
  readonly durability: "best_effort"
}) => Promise<unknown>

export type LoadSend = () => Promise<{ readonly sendDurableMessageBatch?: Send }>

/** Only loaded where it is needed: every command of the host evaluates this plugin. */
const loadFromHost: LoadSend = async () => (await import("openclaw/plugin-sdk/channel-outbound")) as unknown as { readonly sendDurableMessageBatch?: Send }

const row = hookRows.find(({ hook }) => hook === "alert-told")

type Parts = { readonly client: () => Pick<LedgerClient, "observe">; readonly outside: () => Outside["now"] }

/** While the plugin is reloaded nothing is said: the host would ask nobody about it. */
const reloading: Said = { took: false, why: "the plugin is being reloaded" }

export function operatorTeller(host: { readonly api: HostApi }, { client, outside }: Parts, load: LoadSend = loadFromHost): (tell: TellLine["tell"]) => void {
  return (tell) => {
    const run = outside()
    void (run ? run(() => said(host.api, tell, load)) : Promise.resolve(reloading))
      .catch((): Said => ({ took: false, why: "the host could not be asked" }))
      .then((outcome) => {
        const { alert, attempt } = tell
        const atMs = Date.now()
        const line = row && hookLine(row, { alert, attempt, ...outcome }, undefined, { atMs, maxBytes: 4_096 })
        if (row && line !== undefined) client().observe(row.hook, atMs, line)
      })
      .catch(() => {}) // never into the host
  }
}

type Said = { readonly took: boolean; readonly why?: string; readonly final?: true }

async function said(api: HostApi, { channel, to, account, text }: TellLine["tell"], load: LoadSend): Promise<Said> {
  const { sendDurableMessageBatch: send } = await load()
  if (!send) return { took: false, why: "this host has no way for it" }
  const place = { cfg: hostConfig(api), channel, to, ...(account === undefined ? {} : { accountId: account }) }
  const result = objectOf(await send({ ...place, payloads: [{ text }], durability: "best_effort" }))
  if (result["status"] === "sent" || result["status"] === "partial_failed") return { took: true }
  // The outbound gate, or another plugin: asked again it would say no again, and every refusal would be one more thing to tell.
  if (result["status"] === "suppressed") return { took: false, why: "it was kept from leaving", final: true }
  return { took: false, why: "the channel did not take it" }
}
