/**
 * /budget, /spend, /freeze and /unfreeze in the chats of the host. The host says who sent a command: only its owner, as it names owners, and clients of its
 * gateway with the scope are answered; what it does not say counts as no. Text of agents, tools and jobs is no command to the host, and comes here by no way.
 * What loosens is refused to clients of the gateway, whose token agents have, and to everybody once there is a credential, which is typed into no chat.
 */
import { problemOf } from "../base/fault.ts"
import { objectOf, stringOf } from "../base/json.ts"
import { chatBudgets, chatSpend, type SpendBody } from "./chat-words.ts"
import { giveOrder, type Ordered } from "./give-order.ts"
import type { HostApi } from "./host-api.ts"
import { askLedgerCommand } from "./ledger-command.ts"
import type { SharedLedger } from "./shared-ledger.ts"
import { startOfToday } from "./today.ts"

type Scope = "operator.read" | "operator.write"

/** Who gave the command. `isClient`: over the gateway's own protocol, where a scope stands for the person. */
type Sender = { readonly channel: string; readonly id: string | undefined; readonly isClient: boolean }
type Asked = { readonly api: HostApi; readonly ledger: () => SharedLedger; readonly sender: Sender; readonly target: string }

type ChatCommand = {
  readonly name: string
  readonly description: string
  readonly acceptsArgs: boolean
  readonly scope: Scope
  readonly answer: (asked: Asked) => Promise<string>
}

const commands: readonly ChatCommand[] = [
  { name: "budget", description: "What is left of each budget, and when it resets", acceptsArgs: false, scope: "operator.read", answer: budget },
  { name: "spend", description: "What was spent today, by model", acceptsArgs: false, scope: "operator.read", answer: spend },
  {
    name: "freeze",
    description: "Stop all spending at once, or that of one account or budget",
    acceptsArgs: true,
    scope: "operator.write",
    answer: (asked) => stand("freeze", asked),
  },
  {
    name: "unfreeze",
    description: "Let spending go on",
    acceptsArgs: true,
    scope: "operator.write",
    answer: (asked) => stand("unfreeze", asked),
  },
]

export const notOwnerWords = "Only an owner of this gateway may ask the ledger: commands.ownerAllowFrom in the host's configuration names them."

export function registerChatCommands(api: HostApi, ledger: () => SharedLedger): void {
  for (const { name, description, acceptsArgs, scope, answer } of commands) {
    api.registerCommand?.({
      name,
      description,
      acceptsArgs,
      requireAuth: true,
      // Without a scope the host does not tell who is an owner.
      requiredScopes: [scope],
      handler: async (told) => {
        const sender = senderOf(told, scope)
        if (sender === undefined) return { text: notOwnerWords }
        // One word: what somebody adds to it, a credential perhaps, goes nowhere.
        const target = stringOf(objectOf(told)["args"])?.trim().split(/\s+/)[0] || "all"
        try {
          return { text: await answer({ api, ledger, sender, target }) }
        } catch (error) {
          return { text: `Sovereign Ledger cannot answer: ${problemOf(error)}` }
        }
      },
    })
  }
}

/** Undefined unless the host says that it is an owner, or a client with the scope. */
export function senderOf(told: unknown, scope: Scope): Sender | undefined {
  const { isAuthorizedSender, senderIsOwner, senderId, channel, gatewayClientScopes: scopes } = objectOf(told)
  if (isAuthorizedSender !== true) return undefined
  const sender = { channel: stringOf(channel) ?? "a chat", id: stringOf(senderId) }
  if (scopes !== undefined) {
    const has = Array.isArray(scopes) && (scopes.includes(scope) || scopes.includes("operator.admin"))
    return has ? { ...sender, isClient: true } : undefined
  }
  return senderIsOwner === true && sender.id !== undefined && sender.id !== "" ? { ...sender, isClient: false } : undefined
}

async function budget({ ledger }: Asked): Promise<string> {
  const answer = await giveOrder(ledger(), { do: "show" })
  return "done" in answer ? chatBudgets(answer, Date.now()) : noWords(answer)
}

async function spend({ api }: Asked): Promise<string> {
  const { startMs, zone } = startOfToday(Date.now())
  const body = await askLedgerCommand(api, ["spend", "--by", "model", "--since", new Date(startMs).toISOString(), "--json"])
  return chatSpend(body as SpendBody, zone)
}

async function stand(what: "freeze" | "unfreeze", { ledger, sender, target }: Asked): Promise<string> {
  const answer = await giveOrder(ledger(), { do: what, target, chat: sender })
  if (!("done" in answer)) return noWords(answer)
  const whom = target === "all" ? "all spending" : target
  if (what === "unfreeze") return answer.repeated ? `Nothing was frozen: ${whom}.` : `Unfrozen: ${whom}. It is on record who asked.`
  const words = answer.repeated ? `Frozen already: ${whom}.` : `Frozen: ${whom}. No call to a model begins any more; it is on record who asked.`
  return `${words}\nOn the machine: sovereign-ledger unfreeze ${target}`
}

function noWords(answer: Exclude<Ordered, { done: true }>): string {
  return "refused" in answer ? `Refused: ${answer.refused.words}.` : answer.unanswered
}
