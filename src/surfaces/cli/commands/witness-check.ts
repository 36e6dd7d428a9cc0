/** sovereign-ledger witness check */
import { systemClock } from "../../../base/clock.ts"
import { Fault } from "../../../base/fault.ts"
import { consistencyProof } from "../../../format/consistency.ts"
import { isDisagreement, parseWitness, witnessId, type PinnedWitness } from "../../../format/witness.ts"
import { askWitness, type WitnessWord } from "../../../operations/ask-witness.ts"
import type { LedgerAccess } from "../../../views/ledger-access.ts"
import { postText } from "../../http/post-text.ts"
import { witnessName, witnessWords } from "../../render/witness-text.ts"
import type { CommandContext, CommandRow, Flags } from "../command.ts"
import { reading } from "./events.ts"
import { namedWitnesses, witnessOption } from "./witness-flag.ts"

/** Two clocks may differ by this much. An older cosignature is no answer: anybody can send one that was given before. */
const freshWithinS = 300

export const witnessCheck: CommandRow = {
  path: "witness check",
  summary: "Ask the witnesses whether this ledger was rolled back or forked",
  options: [witnessOption],
  help: `Offers each witness the last stored checkpoint. A witness that has cosigned more, or something else, shows a directory that was put back from a
copy, cut, or went on twice, even when everything in it agrees and the note outside was put back too. Nothing is written here.

Exit status: 0 every witness agrees, by a fresh cosignature; 1 one of them contradicts this ledger; 2 one gave no good answer.

Examples:
  sovereign-ledger witness check
  sovereign-ledger witness check --witness "example.org/witness+1a2b3c4d+BNm... http://10.0.0.2:7380" --json`,
  run: (context, flags) =>
    reading(context, async (access) => {
      const asked = await Promise.all(askedWitnesses(context, flags).map(async (witness) => ({ witness, word: await ask(access, witness) })))
      await show(context, access, asked)
      if (asked.some(({ word }) => isDisagreement(word.state))) return 1
      return asked.every(({ word }) => word.state === "agrees") ? 0 : 2
    }),
}

function askedWitnesses({ witnesses }: CommandContext, flags: Flags): readonly PinnedWitness[] {
  const named = [...witnesses.map((text) => parseWitness(text)), ...namedWitnesses(flags)].filter(({ url }) => url !== undefined)
  if (named.length === 0) throw new Fault("witness.none")
  return [...new Map(named.map((witness) => [`${witnessId(witness.key)} ${witness.url}`, witness])).values()]
}

async function ask({ files, reader }: LedgerAccess, witness: PinnedWitness): Promise<WitnessWord> {
  const head = () => {
    const stored = reader.latestCheckpoint()
    if (!stored) throw new Fault("store.damaged", { file: files.journal, problem: "it has no checkpoint" })
    return stored
  }
  const proof = (oldSize: number, newSize: number) => reader.snapshot(() => consistencyProof(reader.subtrees(reader.size()), oldSize, newSize))
  const seen = reader.cosignatures.last().find((one) => one.witness === witnessId(witness.key))
  const word = await askWitness({ witness, head, oldSize: seen?.size ?? 0, proof, post: postText, signal: new AbortController().signal })
  const fresh = word.state !== "agrees" || Math.abs(word.timeS - systemClock.nowMs() / 1000) <= freshWithinS
  return fresh
    ? word
    : { state: "answers wrongly", problem: `its cosignature is of ${isoOf(word.timeS)}: an old one that was sent again, or its clock is wrong` }
}

async function show(
  { terminal, json, nowMs }: CommandContext,
  { files, keys }: LedgerAccess,
  asked: readonly { readonly witness: PinnedWitness; readonly word: WitnessWord }[],
): Promise<void> {
  const rows = asked.map(({ witness, word }) => ({
    witness: witnessId(witness.key),
    url: witness.url,
    state: word.state,
    size: "size" in word ? word.size : null,
    seenSize: "seenSize" in word ? word.seenSize : word.state === "agrees" ? word.size : null,
    cosignedAt: word.state === "agrees" ? isoOf(word.timeS) : null,
    ...witnessWords(word),
  }))
  if (json) {
    const body = { schemaVersion: 1, generatedAt: new Date(nowMs).toISOString(), subject: files.directory, origin: keys.store.origin, witnesses: rows }
    await terminal.write(`${JSON.stringify(body)}\n`)
    return
  }
  const { green, red, yellow, bold } = terminal.colors
  const lines = rows.map(({ witness, url, state, heading, sentence }) => {
    const [paint, mark] = state === "agrees" ? [green, "✓"] : isDisagreement(state) ? [red, "✗"] : [yellow, "?"]
    return `${paint(bold(`${mark} ${heading}`))}  ${witnessName(witness)} at ${url}\n  ${sentence}\n`
  })
  await terminal.write(lines.join(""))
}

function isoOf(timeS: number): string {
  return new Date(timeS * 1000).toISOString()
}
