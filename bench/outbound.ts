/**
 * The outbound gate: how long a message to a protected recipient waits for its verdict, with the use of its arm on disk, beside bare commits of the same run; and
 * what it costs to match a message that came in, among ten thousand conversations on a hundred channels.
 */
import type { RunOptions } from "../scripts/runnable.ts"
import { decideReceived } from "../src/policy/outbound/decide.ts"
import { evolveOutbound } from "../src/policy/outbound/evolve.ts"
import { outboundSetting } from "../src/policy/outbound/outbound-setting.ts"
import { emptyOutbound } from "../src/policy/outbound/state.ts"
import { makeHome } from "./ledger-home.ts"
import { nextTurn, startPlugin } from "./plugin-host.ts"
import { startWriterProcess } from "./processes.ts"
import { RawStore } from "./raw-store.ts"
import { atMost, median, quantile, shown, spread, type BenchRow } from "./samples.ts"

export const about = "the outbound gate: a verdict with its use on disk beside bare commits, and the matching of what comes in"

const constantMs = 2
const repetitions = 5
const [conversations, channels] = [10_000, 100]
const where = { channelId: "telegram", conversationId: "telegram:4242" }

export async function run({ args, say }: RunOptions): Promise<readonly BenchRow[]> {
  const questions = args.includes("--quick") ? 300 : 2_000
  return [...(await verdicts(questions, say)), ...matching(questions)]
}

async function verdicts(questions: number, say: (words: string) => void): Promise<readonly BenchRow[]> {
  const home = makeHome("outbound")
  const writer = await startWriterProcess(home, {})
  const host = await startPlugin(home, { gate: { channel: "telegram", protectedTo: ["4242"], allowedFrom: ["4242"], maxUsesPerArm: 1_000_000 } })
  const probe = new RawStore(`${home.root}/probe.db`)
  host.handler("message_received")({ from: "telegram:4242", senderId: "4242", messageId: "1", content: "friday: go on" }, where)
  const [shares, waits, commits] = [[] as number[], [] as number[], [] as number[]]
  for (let turn = 0; turn < repetitions; turn++) {
    const [asked, committed] = [[] as number[], [] as number[]]
    for (let n = 0; n < questions; n++) {
      const from = performance.now()
      const refused = await host.handler("message_sending")({ to: "telegram:4242", content: `answer ${turn}/${n}` }, where)
      asked.push(performance.now() - from)
      if (refused !== undefined) throw new Error(`it was refused: ${JSON.stringify(refused)}`)
      const before = performance.now()
      probe.commitOneRow()
      committed.push(performance.now() - before)
      await nextTurn()
    }
    probe.moveLog()
    shares.push(quantile(asked, 0.99) / (3 * quantile(committed, 0.99) + constantMs))
    waits.push(quantile(asked, 0.99))
    commits.push(quantile(committed, 0.99))
  }
  probe.close()
  host.close()
  await writer.stop()
  say(`verdict p99 / allowed (least | median | most): ${spread(shares)}`)
  return [
    atMost(`a verdict with its use on disk: p99 / (3 x fsync p99 + ${constantMs} ms)`, median(shares), "x", 1),
    shown("  verdict p99", median(waits), "ms"),
    shown("  fsync p99", median(commits), "ms"),
  ]
}

function matching(messages: number): readonly BenchRow[] {
  const people = Array.from({ length: conversations }, (_, n) => String(n))
  const names = Array.from({ length: channels }, (_, n) => `channel-${n}`)
  const setting = outboundSetting({ channel: names, protectedTo: people, allowedFrom: people })
  if (!setting) throw new Error("the gate is off")
  const state = emptyOutbound()
  const took: number[] = []
  for (let n = 0; n < messages * repetitions; n++) {
    const [channel, id] = [names[n % channels] ?? "", people[(n * 7_919) % conversations] ?? ""]
    const place = setting.places(channel)
    const from = performance.now()
    const mayArm = place !== undefined && place.isProtected(`${channel}:${id}`) && place.isAllowed(id)
    const received = {
      atMs: n,
      channel,
      peer: id,
      message: `m${n}`,
      sender: id,
      mayArm,
      text: n % 2 === 0 ? "friday: tell me how the day was" : "a message like any other",
    }
    for (const event of decideReceived(state, setting.rule, received)) evolveOutbound(state, event)
    took.push(performance.now() - from)
  }
  return [
    atMost(`a message matched among ${conversations} conversations on ${channels} channels: p99`, quantile(took, 0.99), "ms", 0.2),
    shown("  p50", quantile(took, 0.5), "ms"),
  ]
}
