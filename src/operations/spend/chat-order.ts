/** Orders that were given in a chat: what may be asked there, and how it stands on record who did. */
import { Fault } from "../../base/fault.ts"
import { objectOf, stringOf } from "../../base/json.ts"
import type { Command, Target } from "../../ledger/commands.ts"
import type { ScopeStore } from "../../vault/scopes.ts"

/** `isClient`: somebody who is connected to the gateway itself, and not a sender of a channel. */
export type Chat = { readonly channel: string; readonly id: string | undefined; readonly isClient: boolean }

const longestName = 40

export function chatOf(order: Readonly<Record<string, unknown>>): Chat | undefined {
  if (order["chat"] === undefined) return undefined
  const { channel, id, isClient } = objectOf(order["chat"])
  return { channel: stringOf(channel) ?? "a chat", id: stringOf(id), isClient: isClient !== false || stringOf(id) === undefined }
}

/** What a chat may ask for, by the words it is asked with. */
const askedBy: Readonly<Record<string, string>> = {
  freeze: "freeze",
  unfreeze: "unfreeze",
  "gate-arm": "gate arm",
  "gate-disarm": "gate disarm",
  "approve-extension": "budget approve",
  "deny-extension": "budget deny",
}

/** The command as it is typed. @throws Fault cli.usage: a chat freezes and unfreezes, and answers what it was asked. */
export function chatCommand(order: Readonly<Record<string, unknown>>): string {
  const words = askedBy[String(order["do"])]
  if (words !== undefined) return words
  throw new Fault("cli.usage", {
    problem: `A chat freezes and unfreezes, arms and disarms, answers for more, and asks for nothing else (${String(order["do"])}).`,
    command: "sovereign-ledger",
  })
}

/** Names nobody: the pseudonym is that of the sender's id, as everywhere. */
export function chatReason({ channel, id, isClient }: Chat, name: string, scopes: Pick<ScopeStore, "pseudonym">): string {
  const who = id === undefined ? "" : ` ${scopes.pseudonym(id)}`
  return `/${name} in ${/^[a-z][a-z0-9-]*$/.test(channel) ? channel.slice(0, longestName) : "a chat"} by ${isClient ? "gateway client" : "owner"}${who}`
}

/** Where what no chat may do is done. */
export function onTheMachine(command: Command): string {
  const words = command.do === "unfreeze" ? `unfreeze ${targetName(command.target)}` : command.do === "grant" ? `budget approve ${command.id}` : ""
  return `on the machine: sovereign-ledger ${words}`
}

function targetName(target: Target): string {
  if (target === "all") return target
  return "account" in target ? target.account : target.budget
}
