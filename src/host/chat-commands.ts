/**
 * /budget, /spend, /gate, /freeze and /unfreeze in the chats of the host, and the answers to what an owner is asked: /budget approve and /budget deny. The host says who sent a command: only its owner, as it names owners, and clients of its
 * gateway with the scope are answered; what it does not say counts as no. Text of agents, tools and jobs is no command to the host, and comes here by no way.
 * What loosens is refused to clients of the gateway, whose token agents have, and to everybody once there is a credential, which is typed into no chat.
 */
import { problemOf } from "../base/fault.ts"
import { objectOf, stringOf } from "../base/json.ts"
import { answeredWords, chatBudgets, chatGate, chatSpend, type GateBody, type SpendBody } from "./chat-words.ts"
import { giveOrder, type Ordered } from "./give-order.ts"
import type { HostApi } from "./host-api.ts"
import { askLedgerCommand } from "./ledger-command.ts"
import type { SharedLedger } from "./shared-ledger.ts"
import { startOfToday } from "./today.ts"

type Scope = "operator.read" | "operator.write"

/** Who gave the command. `isClient`: over the gateway's own protocol, where a scope stands for the person. */
type Sender = { readonly channel: string; readonly id: string | undefined; readonly isClient: boolean }
type Asked = { readonly api: HostApi; readonly ledger: () => SharedLedger; readonly sender: Sender; readonly words: readonly string[] }

type ChatCommand = {
  readonly name: string
  readonly description: string
  readonly acceptsArgs: boolean
  /** `words`: what was added to the command; what somebody adds besides, a credential perhaps, goes nowhere. */
  readonly scope: (words: readonly string[]) => Scope
  readonly answer: (asked: Asked) => Promise<string>
}

const commands: readonly ChatCommand[] = [
  {
    name: "budget",
    description: "What is left of each budget, and when it resets; approve CODE or deny CODE answers for more",
    acceptsArgs: true,
    scope: (words) => (answerIn(words) ? "operator.write" : "operator.read"),
    answer: budget,
  },
  { name: "spend", description: "What was spent today, by model", acceptsArgs: false, scope: () => "operator.read", answer: spend },
  {
    name: "gate",
    description: "Who may be written to now, and what was refused; arm CHANNEL:ID [USES] and disarm CHANNEL:ID change it",
    acceptsArgs: true,
    scope: ([word]) => (word === "arm" || word === "disarm" ? "operator.write" : "operator.read"),
    answer: gate,
  },
  {
    name: "freeze",
    description: "Stop all spending at once, or that of one account or budget",
    acceptsArgs: true,
    scope: () => "operator.write",
    answer: (asked) => stand("freeze", asked),
  },
  {
    name: "unfreeze",
    description: "Let spending go on",
    acceptsArgs: true,
    scope: () => "operator.write",
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
      requiredScopes: [scope([])],
      handler: async (told) => {
        const words = (stringOf(objectOf(told)["args"])?.trim().split(/\s+/) ?? []).filter((word) => word !== "")
        const sender = senderOf(told, scope(words))
        if (sender === undefined) return { text: notOwnerWords }
        try {
          return { text: await answer({ api, ledger, sender, words }) }
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

async function budget({ ledger, sender, words }: Asked): Promise<string> {
  const given = answerIn(words)
  if (given) return answered(given, { ledger, sender })
  const answer = await giveOrder(ledger(), { do: "show" })
  return "done" in answer ? chatBudgets(answer, Date.now()) : noWords(answer)
}

async function spend({ api }: Asked): Promise<string> {
  const { startMs, zone } = startOfToday(Date.now())
  const body = await askLedgerCommand(api, ["spend", "--by", "model", "--since", new Date(startMs).toISOString(), "--json"])
  return chatSpend(body as SpendBody, zone)
}

const answers = { approve: "approve-extension", deny: "deny-extension" } as const
type Answer = { readonly word: keyof typeof answers; readonly code: string }

function answerIn([word, code = ""]: readonly string[]): Answer | undefined {
  return word === "approve" || word === "deny" ? { word, code } : undefined
}

async function answered({ word, code }: Answer, { ledger, sender }: Pick<Asked, "ledger" | "sender">): Promise<string> {
  if (code === "") return `Say what is answered: /budget ${word} CODE, with the code that stands in the refusal.`
  const answer = await giveOrder(ledger(), { do: answers[word], extension: code, chat: sender })
  return "done" in answer ? answeredWords(answer.events) : noWords(answer)
}

async function gate({ api, ledger, sender, words: [word, to = "", uses] }: Asked): Promise<string> {
  if (word !== "arm" && word !== "disarm") return chatGate((await askLedgerCommand(api, ["gate", "status", "--json"])) as GateBody)
  if (to === "") return `Say for whom: /gate ${word} CHANNEL:ID, such as /gate ${word} telegram:4242.`
  const answer = await giveOrder(ledger(), { do: `gate-${word}`, to, ...(/^\d+$/.test(uses ?? "") ? { uses: Number(uses) } : {}), chat: sender })
  if (!("done" in answer)) return noWords(answer)
  return word === "arm" ? `${to} may be written to for two minutes; it is on record who asked.` : `Nothing leaves for ${to} until somebody asks again.`
}

async function stand(what: "freeze" | "unfreeze", { ledger, sender, words: [target = "all"] }: Asked): Promise<string> {
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
